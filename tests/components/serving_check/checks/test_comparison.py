from __future__ import annotations

import contextlib
import errno
import math
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from components.serving_check.answers import AnswerError
from components.serving_check.checks import comparison
from components.serving_check.checks.comparison import (
    CLEAR_AFTER,
    ROUNDS,
    WARM_UP_REQUESTS,
    Comparison,
    is_clear,
    judge,
    measure,
    ratio,
)
from components.serving_check.connection import Connection
from components.serving_check.control import LiveVersionError, MachineError
from components.serving_check.options import Options
from components.serving_check.reference import read_reference
from components.serving_check.served import Served
from serving.clients.grpc_client import GrpcClient
from serving.launch import ModelServer, launch
from tests.components.serving_check.bench import make_bench, save_model
from tests.fashion_mnist import CHECK_OPTIONS

RANDOM = np.random.default_rng(0)


def rounds(milliseconds: float):
    return tuple(tuple(milliseconds * (1 + RANDOM.gamma(2, 0.1, 40))) for _ in range(ROUNDS))


def verdicts(live, candidate) -> list[bool]:
    return [check.ok for check in judge(Comparison(live, candidate), Options())]


def test_equally_fast_passes_and_clearly_slower_fails():
    assert verdicts(rounds(5), rounds(5)) == [True, True]
    assert verdicts(rounds(5), rounds(7.5)) == [False, False]
    assert verdicts(rounds(7.5), rounds(5)) == [True, True]


def test_twice_as_slow_is_felt_from_a_few_milliseconds_on_and_not_below_one():
    assert verdicts(rounds(0.4), rounds(0.8)) == [True, True]
    assert verdicts(rounds(5), rounds(10)) == [False, False]
    found = Comparison(rounds(0.4), rounds(0.8))
    assert [each.ok for each in judge(found, Options(slower_ms=0.2))] == [False, False]


def test_a_row_says_both_limits_and_by_how_much_the_candidate_is_slower():
    live = ((1.0,) * 10,) * ROUNDS
    p99, throughput = judge(Comparison(live, ((4.0,) * 10,) * ROUNDS, 1, 0.25), Options())
    assert (p99.ok, throughput.ok) == (False, False)
    assert p99.expected == "≤ 1.2 ×, or 1 ms more, or within the noise"
    assert throughput.expected == "≥ 0.85 ×, or 1 ms more, or within the noise"
    again = (
        "+3.00 ms, over 100 requests each, the 2. time that both were compared, without the waits"
        " for a processor (0.2 s of them)"
    )
    assert p99.found == f"4.00 × (4.00–4.00), {again}"
    assert throughput.found == f"0.25 × (0.25–0.25), {again}"


def test_one_slow_round_is_noise():
    disturbed = list(rounds(5))
    disturbed[3] = tuple(10 * value for value in disturbed[3])
    assert verdicts(rounds(5), tuple(disturbed)) == [True, True]


@pytest.mark.parametrize(
    ("live", "candidate", "clear"),
    [
        (5, 5, True),
        (5, 4, True),
        (5, 6.1, False),
        (5, 7, False),
        # Three times as slow, and by less than anybody notices.
        (0.1, 0.3, True),
        (0.6, 1.4, False),
    ],
)
def test_half_of_the_requests_are_enough_where_nobody_will_feel_a_difference(
    live, candidate, clear
):
    found = Comparison(rounds(live)[:CLEAR_AFTER], rounds(candidate)[:CLEAR_AFTER])
    assert is_clear(found, Options()) == clear


def test_a_slow_tail_is_not_clear_after_half():
    slow = [list(each) for each in rounds(5)[:CLEAR_AFTER]]
    for each in slow:
        each[7] *= 3
    assert not is_clear(Comparison(rounds(5)[:CLEAR_AFTER], tuple(map(tuple, slow))), Options())


def test_without_a_live_version_there_is_no_row():
    assert judge(None, Options()) == []


@settings(max_examples=20)
@given(st.floats(0.1, 10))
def test_a_ratio_is_what_it_says(factor):
    live = rounds(1)
    candidate = tuple(tuple(factor * value for value in part) for part in live)
    found = ratio(live, candidate, lambda values: np.mean(values, axis=-1))
    assert np.allclose([found.value, found.low, found.high], factor)


def always(milliseconds: float, count: int = ROUNDS) -> tuple[tuple[float, ...], ...]:
    return ((milliseconds,) * 10,) * count


@pytest.mark.parametrize(
    ("live", "candidate", "p99"),
    [(50, 60, True), (1, 2, True), (50, 61, False), (2, 3.5, False), (4, 5, True)],
)
def test_a_limit_itself_is_within_it(live: float, candidate: float, p99: bool):
    assert verdicts(always(live), always(candidate))[0] is p99


def test_an_interval_that_begins_at_once_as_slow_is_noise():
    assert verdicts(always(5), always(5, 9) + always(500, 1)) == [True, True]


@pytest.mark.parametrize(
    ("slow", "of", "low"),
    # Of all ways to draw rounds, in 1 % and in 0.1 % of them no slow one is drawn.
    [(3, 5, 1.0), (5, 10, 1.1)],
)
def test_the_interval_leaves_out_half_a_percent_at_each_end(slow: int, of: int, low: float):
    some = always(1, of - slow) + always(2, slow)
    found = ratio(always(1, of), some, lambda values: np.mean(values, axis=-1))
    assert found.value == pytest.approx(1 + slow / of)
    assert found.low == pytest.approx(low)
    other = ratio(some, always(2, of), lambda values: np.mean(values, axis=-1))
    assert other.high == pytest.approx(2 / low)


class _Clock:
    """Time that passes only while a server answers, and who was asked."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 0.0
        self.asked = ""
        monkeypatch.setattr(comparison, "time", SimpleNamespace(perf_counter=lambda: self.now))

    def server(self, name: str, milliseconds: float) -> Callable[[bytes], bytes]:
        def send(body: bytes) -> bytes:
            self.now += milliseconds / 1e3
            self.asked += name
            return name.encode() + body

        return send

    @staticmethod
    def served(live: Callable, candidate: Callable, held: list[tuple[Any, ...]]) -> Any:
        return SimpleNamespace(
            options=Options(comparison_requests=20),
            server=SimpleNamespace(pid=os.getpid()),
            pool=lambda signature: SimpleNamespace(real=range(3)),
            body=lambda signature, places: b"%d" % places[0],
            send=candidate,
            demand=lambda *answer: held.append(answer),
            another_connection=lambda url: contextlib.nullcontext(SimpleNamespace(send=live)),
        )


LIVE: Any = SimpleNamespace(rest_url="http://127.0.0.1:1", pid=os.getpid())


def test_both_are_asked_in_turn_and_only_answers_of_the_candidate_are_held(monkeypatch):
    clock = _Clock(monkeypatch)
    held: list[tuple[Any, ...]] = []
    served = clock.served(clock.server("L", 5), clock.server("C", 4), held)
    found = measure(served, LIVE, "s")
    assert found == Comparison(((5.0, 5.0),) * CLEAR_AFTER, ((4.0, 4.0),) * CLEAR_AFTER)
    warm = 2 * WARM_UP_REQUESTS
    assert clock.asked[:warm] == "L" * WARM_UP_REQUESTS + "C" * WARM_UP_REQUESTS
    assert clock.asked[warm:] == "CLLC" + "LCCL" + "CLLC" + "LCCL" + "CLLC"
    assert len(held) == clock.asked.count("C")
    assert held[:4] == [("s", [place], b"C%d" % place) for place in (0, 1, 2, 0)]


def test_what_is_not_clear_after_half_is_asked_for_in_full(monkeypatch):
    clock = _Clock(monkeypatch)
    found = measure(clock.served(clock.server("L", 5), clock.server("C", 5.9), []), LIVE, "s")
    assert (found.again, len(found.live), len(found.candidate)) == (0, ROUNDS, ROUNDS)


def test_what_seems_slower_is_compared_twice_more(monkeypatch):
    unwatched = SimpleNamespace(start=lambda: None, lap=lambda: SimpleNamespace(own=math.inf))
    monkeypatch.setattr(comparison, "Stopwatch", lambda pid: unwatched)
    clock = _Clock(monkeypatch)
    found = measure(clock.served(clock.server("L", 5), clock.server("C", 50), []), LIVE, "s")
    assert (found.again, found.lost_seconds) == (2, 0)
    assert clock.asked.count("C") == WARM_UP_REQUESTS + 3 * 20
    assert not any(check.ok for check in judge(found, Options()))


def test_all_requests_of_both_take_their_seconds():
    found = Comparison(((100.0, 200.0),), ((300.0, 400.0),), lost_seconds=0.5)
    assert found.seconds == pytest.approx(1.5)


def test_the_fault_of_the_machine_is_none_of_the_live_version(monkeypatch):
    def short(body: bytes) -> bytes:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    clock = _Clock(monkeypatch)
    with pytest.raises(OSError, match=os.strerror(errno.EMFILE)):
        measure(clock.served(short, clock.server("C", 4), []), LIVE, "s")


def test_who_does_not_answer_is_told_apart(monkeypatch):
    def silent(body: bytes) -> bytes:
        raise AnswerError("no answer")

    clock = _Clock(monkeypatch)
    with pytest.raises(LiveVersionError, match="no answer"):
        measure(clock.served(silent, clock.server("C", 4), []), LIVE, "s")
    with pytest.raises(AnswerError, match="no answer"):
        measure(clock.served(clock.server("L", 5), silent, []), LIVE, "s")


def work(products: int) -> Callable[[tf.Tensor], tf.Tensor]:
    """Leaves the answer as it is after so many products of 134 million multiplications."""

    def worked(answer: tf.Tensor) -> tf.Tensor:
        matrix = tf.fill([512, 512], answer[0, 0])
        for _ in range(products):
            matrix = tf.matmul(matrix, matrix) / 512
        return answer + tf.minimum(matrix[0, 0], 0)

    return worked


@pytest.mark.slow
@pytest.mark.extended
def test_what_users_feel_is_refused_and_the_same_again_is_not(tmp_path: Path):
    """Some five milliseconds for the live version, twice that for the candidate."""
    make_bench(tmp_path)
    options = CHECK_OPTIONS.model_copy(update={"comparison_requests": 100})
    with contextlib.ExitStack() as running:
        servers: dict[str, ModelServer] = {}
        for name, products in (("live", 1), ("same", 1), ("slow", 2)):
            save_model(tmp_path / name / "m" / "1", before_answer=work(products))
            server = launch(tmp_path / name / "m", "m", backend="embedded", grpc=True)
            servers[name] = running.enter_context(server)

        def slower(name: str) -> bool | None:
            """Whether that is said of it; None: the machine was too busy to tell."""
            server = servers[name]
            server.wait_available(1)
            with Connection(server.rest_url) as connection:
                served = Served(
                    server=server,
                    connection=connection,
                    grpc=running.enter_context(GrpcClient(str(server.grpc_target), "m")),
                    model_name="m",
                    options=options,
                    reference=read_reference(str(tmp_path / "model")),
                    warm_up_file=tmp_path,
                    test_files=(),
                    candidate=tmp_path / name / "m" / "1",
                )
                try:
                    compared = measure(served, servers["live"], "serving_default")
                except MachineError:
                    return None
            checks = {check.name: check.ok for check in judge(compared, options)}
            assert [*checks] == ["latency p99 against live", "throughput against live"]
            return not all(checks.values())

        servers["live"].wait_available(1)
        assert not slower("same")
        # On a busy machine a difference can be within the noise, and is then no reason to refuse.
        assert any(slower("slow") is not False for _ in range(3))
    shutil.rmtree(tmp_path)
