from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from serving.server.status import Code, StatusError, invalid_argument
from serving.server.versions.batching import BatchedModel
from serving.server.versions.text_config import BatchingParameters


class Doubling:
    """A model that doubles `x`, one run at a time, and remembers the sizes of its batches."""

    signatures: Mapping[str, Any] = {}
    signature_defs: Mapping[str, Any] = {}

    def __init__(self) -> None:
        self.sizes: list[int] = []
        self.free = threading.Event()
        self.free.set()

    def run(self, feeds: Mapping[str, Any], fetches: Sequence[str]) -> list[Any]:
        self.free.wait(10)
        x = feeds["x"]
        self.sizes.append(len(x))
        if (x < 0).any():
            raise invalid_argument("negative")
        return [x.sum()] if fetches == ["sum"] else [2 * x]

    def close(self) -> None:
        pass


def ask(model: BatchedModel, value: int, size: int = 1) -> Any:
    [answer] = model.run({"x": np.full((size, 2), value)}, ["y"])
    return answer


def test_requests_that_wait_share_a_run_and_get_their_own_rows():
    inner = Doubling()
    model = BatchedModel(inner, BatchingParameters(num_batch_threads=1))
    inner.free.clear()
    with ThreadPoolExecutor(9) as pool:
        answers = [pool.submit(ask, model, number, 1 + number % 2) for number in range(9)]
        threading.Timer(0.2, inner.free.set).start()
        for number, answer in enumerate(answers):
            np.testing.assert_array_equal(
                answer.result(10), np.full((1 + number % 2, 2), 2 * number)
            )
    assert sum(inner.sizes) == 13
    assert len(inner.sizes) < 9


def test_a_batch_is_padded_to_an_allowed_size():
    inner = Doubling()
    parameters = BatchingParameters(max_batch_size=8, allowed_batch_sizes=(4, 8))
    assert ask(BatchedModel(inner, parameters), 3, size=3).shape == (3, 2)
    assert inner.sizes == [4]


def test_a_timeout_waits_for_company():
    inner = Doubling()
    model = BatchedModel(
        inner, BatchingParameters(max_batch_size=4, batch_timeout_micros=10_000_000)
    )
    with ThreadPoolExecutor(4) as pool:
        for answer in [pool.submit(ask, model, number) for number in range(4)]:
            answer.result(5)
    assert inner.sizes == [4]


def test_arrays_of_other_shapes_are_not_put_together():
    inner = Doubling()
    model = BatchedModel(inner, BatchingParameters())
    for width in (1, 2, 3):
        [answer] = model.run({"x": np.ones((1, width))}, ["y"])
        assert answer.shape == (1, width)


@pytest.mark.parametrize(
    ("feeds", "fetches", "code", "text"),
    [
        ({"x": np.array(1)}, "y", Code.INVALID_ARGUMENT, "at least one dimension"),
        ({"x": np.ones(1), "z": np.ones(2)}, "y", Code.INVALID_ARGUMENT, "equal 0th-dimension"),
        ({"x": np.ones(9)}, "y", Code.INVALID_ARGUMENT, "larger than maximum input batch size 8"),
        ({"x": np.ones(8)}, "y", Code.UNAVAILABLE, "is full"),
        ({"x": np.ones(2)}, "sum", Code.FAILED_PRECONDITION, "0th dimension"),
        ({"x": np.array([-1])}, "y", Code.INVALID_ARGUMENT, "negative"),
    ],
)
def test_what_cannot_be_batched_is_refused(
    feeds: dict[str, Any], fetches: str, code: Code, text: str
):
    full = 0 if code is Code.UNAVAILABLE else 1
    parameters = BatchingParameters(max_batch_size=8, max_enqueued_batches=full)
    with pytest.raises(StatusError, match=text) as caught:
        BatchedModel(Doubling(), parameters).run(feeds, [fetches])
    assert caught.value.code is code
