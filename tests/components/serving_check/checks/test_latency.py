"""Percentiles and budgets of latency."""

import os
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.serving_check.checks import latency
from components.serving_check.checks.latency import Latency, is_far, judge, measure, percentile
from components.serving_check.options import Options


def test_each_budget_has_a_row():
    found = Latency("s", (1.0,) * 98 + (30.0, 40.0))
    p50, p99 = judge(found, Options(p50_ms=2, p99_ms=20))
    assert (p50.name, p50.ok, p50.found) == ("latency p50", True, "1.00 ms over 100 requests")
    assert (p99.name, p99.ok, p99.expected) == ("latency p99", False, "≤ 20 ms")
    assert p99.found == "30.00 ms over 100 requests"


@given(
    values=st.lists(st.floats(0.01, 1e4), min_size=1, max_size=300),
    percent=st.integers(1, 100),
)
def test_a_percentile_is_numpys_nearest_rank(values, percent):
    expected = np.percentile(values, percent, method="inverted_cdf")
    assert percentile(values, percent) == expected


def test_the_p50_is_the_middle_one_and_a_budget_itself_is_within():
    found = Latency("s", tuple(map(float, range(1, 101))), lost_seconds=0.5)
    assert (found.p50, found.p99) == (50, 99)
    assert found.seconds == pytest.approx(5.05 + 0.5)
    assert [check.ok for check in judge(found, Options(p50_ms=50, p99_ms=99))] == [True, True]
    assert [check.ok for check in judge(found, Options(p50_ms=49, p99_ms=98))] == [False, False]


@pytest.mark.parametrize(("again", "said"), [(1, "once"), (2, "2 times")])
def test_a_row_says_how_often_it_was_measured_again(again, said):
    for check in judge(Latency("s", (1.0, 1.0), again, 0.25), Options()):
        assert check.found == (
            f"1.00 ms over 2 requests, measured again {said} without the waits for a processor"
            " (0.2 s of them)"
        )


@pytest.mark.parametrize(
    ("milliseconds", "budget", "far"),
    [(100, 20, False), (101, 20, True), (101, 150, False), (150, 150, False), (151, 150, True)],
)
def test_a_model_is_far_too_slow_beyond_its_budget_and_a_tenth_of_a_second(
    milliseconds, budget, far
):
    assert is_far(Latency("s", (milliseconds,)), Options(p50_ms=budget)) is far


@pytest.mark.parametrize(
    ("seconds", "budget", "asked"),
    [
        (0.125, 200, 200),
        # Ten seconds are enough of what is too slow, and ten requests.
        (0.125, 100, 80),
        (0.125, 125, 200),
        (4.0, 100, 10),
    ],
)
def test_what_is_too_slow_is_not_asked_for_hours(monkeypatch, seconds, budget, asked):
    clock = 0.0

    def send(body: bytes) -> bytes:
        nonlocal clock
        clock += seconds
        return body

    monkeypatch.setattr(latency, "time", SimpleNamespace(perf_counter=lambda: clock))
    monkeypatch.setattr(latency, "AGAIN", 0)
    options = SimpleNamespace(signatures=["s"], latency_requests=200, p50_ms=budget, p99_ms=budget)
    served: Any = SimpleNamespace(
        options=options,
        server=SimpleNamespace(pid=os.getpid()),
        pool=lambda signature: SimpleNamespace(real=range(3)),
        body=lambda signature, places: b"%d" % places[0],
        send=send,
        demand=lambda signature, places, answer: None,
    )
    found = measure(served)
    assert len(found.milliseconds) == asked
    assert found.p50 == seconds * 1e3
