"""When two sets of answers count as the same."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from components.serving_check.answers import AnswerError
from components.serving_check.checks.parity import compare, judge
from components.serving_check.options import Options

OPTIONS = Options(parity_examples=2)
REFERENCE = np.array([[0.7, 0.2, 0.1], [0.1, 0.1, 0.8]], np.float32)


def _check(*answers, options=OPTIONS):
    [check] = judge(
        [compare(f"s{i}", REFERENCE, answer, options) for i, answer in enumerate(answers)], options
    )
    return check


def test_equal_answers_pass():
    check = _check(REFERENCE, REFERENCE)
    assert check.ok
    assert "on 2 examples" in check.found


def test_the_row_names_the_worst_difference_signature_and_example():
    off = REFERENCE + np.array([[0, 0, 0], [0, 0, 0.001]], np.float32)
    check = _check(REFERENCE, off)
    assert not check.ok
    assert check.found.startswith("differences up to 0.001 = 11 × tolerance (s1, example 1)")


def test_another_argmax_fails_even_within_the_tolerance():
    loose = Options(parity_examples=2, parity_absolute=1.0)
    check = _check(REFERENCE[:, ::-1], options=loose)
    assert not check.ok
    assert "another argmax for 2 examples of s0, the first one example 0" in check.found


def test_too_few_reference_examples_fail():
    check = _check(REFERENCE, options=Options())
    assert not check.ok
    assert "256" in check.expected
    assert "on 2 examples" in check.found


def test_an_answer_that_is_not_a_number_fails():
    broken = REFERENCE.copy()
    broken[0, 1] = np.nan
    check = _check(REFERENCE, broken)
    assert not check.ok
    assert "(s1, example 0)" in check.found


def test_answers_of_another_shape_are_named():
    with pytest.raises(AnswerError, match=r"s answers probabilities of shape \[2, 2\].*\[2, 3\]"):
        compare("s", REFERENCE, REFERENCE[:, :2], OPTIONS)


@given(
    noise=hnp.arrays(np.float64, (2, 3), elements=st.floats(-2, 2)),
)
def test_an_example_passes_exactly_within_absolute_plus_relative_tolerance(noise):
    tolerance = 1e-5 + 1e-4 * np.abs(REFERENCE.astype(np.float64))
    answers = (REFERENCE + noise * tolerance).astype(np.float32)
    within = np.abs(answers.astype(np.float64) - REFERENCE) <= tolerance
    parity = compare("s", REFERENCE, answers, OPTIONS)
    assert (parity.worst[0].ratio <= 1) == within.all()
    assert parity.worst[0].ratio >= parity.worst[-1].ratio
