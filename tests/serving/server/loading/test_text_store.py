"""Strings that stay in a session until they are read."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tensorflow.python.framework import errors_impl

from serving.server.loading.saved_model import SavedModel
from serving.server.loading.text_store import StoredTexts
from serving.server.tensors import texts
from serving.server.tensors.texts import MANY, Texts


@pytest.fixture(scope="module")
def model(saved_model: Path) -> Iterator[SavedModel]:
    loaded = SavedModel(str(saved_model))
    yield loaded
    loaded.close()


def echoed(model: SavedModel, value: Any) -> Any:
    signature = model.signatures["string"]
    [answer] = model.run({signature.inputs["x"].tensor: value}, [signature.outputs["y"].tensor])
    return answer


def strings(lengths: int) -> list[bytes]:
    """Of several lengths, some with zeros at their ends, some not UTF-8."""
    return [bytes([0x80 + index % 9, 0]) * (index % lengths) for index in range(MANY + 100)]


@pytest.mark.medium
@pytest.mark.parametrize("lengths", [1, 2, 9, 300])
def test_many_strings_come_back_as_they_were_sent(model: SavedModel, lengths: int):
    sent = strings(lengths)
    answer = echoed(model, texts.of_strings(sent))
    assert isinstance(answer, StoredTexts) == (lengths < 300)
    assert answer.tolist() == sent
    # All of it can be read again, and any part.
    assert texts.unpacked(answer).tolist() == sent
    assert answer[5:9].tolist() == sent[5:9]


@pytest.mark.medium
def test_they_keep_their_shape(model: SavedModel):
    sent = texts.of_strings(strings(4)).reshaped(2, -1 + (MANY + 102) // 2, 1)
    expected = sent.tolist()
    answer = echoed(model, sent)
    assert answer.shape == (2, (MANY + 100) // 2, 1)
    assert texts.row(answer, 1).tolist() == expected[1]
    assert [row.tolist() for row in answer] == expected
    assert texts.rows_from(answer, 1).tolist() == expected[1:]


def test_what_was_fed_is_let_go_at_once(model: SavedModel):
    sent = texts.of_strings(strings(4))
    echoed(model, sent)
    assert not sent.data
    assert not len(sent.ends)
    assert len(sent) == MANY + 100


@pytest.mark.medium
def test_the_session_lets_go_of_what_nobody_reads_any_more(model: SavedModel):
    answer = echoed(model, texts.of_strings(strings(4)))
    assert isinstance(answer, StoredTexts)
    part = texts.row(texts.rows_from(answer, 3), 0)
    held = answer._held.handle
    ask = answer._held.ops.shape
    del answer
    gc.collect()
    assert ask(held)[0].tolist() == [MANY + 100]
    del part
    gc.collect()
    with pytest.raises(errors_impl.OpError, match="not in the session store"):
        ask(held)


def test_an_answer_outlives_its_session(saved_model: Path):
    loaded = SavedModel(str(saved_model))
    answer = echoed(loaded, texts.of_strings(strings(4)))
    loaded.close()
    del answer  # Says nothing.


def test_a_run_that_fails_leaves_nothing_behind(model: SavedModel):
    signature = model.signatures["classify"]
    fed = signature.inputs["inputs"].tensor
    with pytest.raises(Exception, match="Could not parse"):
        model.run(
            {fed: texts.of_strings([b"no example"] * MANY)}, [signature.outputs["scores"].tensor]
        )
    assert isinstance(echoed(model, texts.of_strings([b"a"] * MANY)), Texts)


def test_objects_of_many_rows_are_stored_too(model: SavedModel):
    sent = np.array([[b"a", b"bc"]] * MANY, np.object_)
    expected = sent.tolist()
    assert echoed(model, sent).tolist() == expected
