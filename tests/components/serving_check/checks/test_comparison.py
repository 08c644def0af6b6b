from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from components.serving_check.checks.comparison import ROUNDS, Comparison, judge, ratio
from components.serving_check.options import Options

RANDOM = np.random.default_rng(0)


def rounds(factor: float = 1.0):
    return tuple(tuple(factor * (1 + RANDOM.gamma(2, 0.1, 40))) for _ in range(ROUNDS))


def verdicts(live, candidate) -> list[bool]:
    return [check.ok for check in judge(Comparison(live, candidate), Options())]


def test_equally_fast_passes_and_clearly_slower_fails():
    assert verdicts(rounds(), rounds()) == [True, True]
    assert verdicts(rounds(), rounds(1.5)) == [False, False]
    assert verdicts(rounds(1.5), rounds()) == [True, True]


def test_one_slow_round_is_noise():
    disturbed = list(rounds())
    disturbed[3] = tuple(10 * value for value in disturbed[3])
    assert verdicts(rounds(), tuple(disturbed)) == [True, True]


def test_without_a_live_version_there_is_no_row():
    assert judge(None, Options()) == []


@settings(max_examples=20)
@given(st.floats(0.1, 10))
def test_a_ratio_is_what_it_says(factor):
    live = rounds()
    candidate = tuple(tuple(factor * value for value in part) for part in live)
    found = ratio(live, candidate, lambda values: np.mean(values, axis=-1))
    assert np.allclose([found.value, found.low, found.high], factor)
