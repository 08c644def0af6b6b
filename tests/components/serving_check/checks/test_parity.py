"""When two sets of answers count as the same."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from components.serving_check.answers import AnswerError
from components.serving_check.checks.parity import POINTS, compare, judge
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


def test_a_number_for_each_row_is_held_against_a_column():
    numbers = np.array([[1.0], [2.0]], np.float32)
    found = compare("s", numbers, np.array([1.0, 2.5], np.float32), OPTIONS)
    assert (found.worst[0].example, found.worst[0].served) == (1, 2.5)
    for reference in (REFERENCE, REFERENCE[:, :2]):
        with pytest.raises(AnswerError, match=r"of shape \[2\] instead of \[2, [23]\]$"):
            compare("s", reference, reference[:, 0], OPTIONS)


def test_the_three_worst_examples_are_listed_worst_first():
    wanted = np.full((5, 2), 0.5, np.float32)
    served = wanted + np.array([[0, 0], [0, 3], [0, 1], [4, 0], [0, 2]], np.float32) * 1e-4
    worst = compare("s", wanted, served, OPTIONS).worst
    assert [(each.example, each.element) for each in worst] == [(3, 0), (1, 1), (4, 1)]


def test_a_difference_of_the_whole_tolerance_passes_and_more_fails():
    options = Options(parity_examples=1, parity_absolute=0.25, parity_relative=0.0)
    wanted = np.array([[0.5, 0.0]], np.float32)
    for off, ok in ((0.25, True), (0.3125, False), (0.5, False)):
        answers = wanted + np.array([[off, 0]], np.float32)
        [check] = judge([compare("s", wanted, answers, options)], options)
        assert (compare("s", wanted, answers, options).worst[0].ratio, check.ok) == (off * 4, ok)


def test_the_plot_has_200_examples_evenly_taken_and_only_numbers():
    assert POINTS == 200
    wanted = np.linspace(0, 1, 1_000, dtype=np.float32)[:, None] * np.array([0.5, 1], np.float32)
    served = wanted + np.float32(0.1)
    points = compare("s", wanted, served, OPTIONS).points
    assert len(points) == 200
    assert (points[0], points[-1]) == ((0.0, 0.1), (1.0, 1.1))
    third = np.array([[1 / 3, 1 / 7]], np.float32)
    assert compare("s", third, third, OPTIONS).points == ((0.33333, 0.33333),)
    for value in (np.nan, np.inf):
        served[0, 0] = served[-1, 1] = value
        points = compare("s", wanted, served, OPTIONS).points
        assert (len(points), points[-1][0] < 1) == (198, True)
    broken = np.array([[np.nan, 1.0]], np.float32)
    assert compare("s", broken, wanted[-1:], OPTIONS).points == ()
