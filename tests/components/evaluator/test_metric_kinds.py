"""What is known of metrics: limits that no value can hold."""

import math
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.evaluator.metric_kinds import (
    KINDS,
    arguments,
    higher_is_better,
    misfit,
    problems,
    unit,
)


@pytest.mark.parametrize(
    ("metric", "least", "greatest", "said"),
    [
        ("SparseCategoricalAccuracy", 1.5, None, "min = 1.5 can never hold, .* is at most 1"),
        ("SparseCategoricalAccuracy", None, -0.1, "max = -0.1 can never hold, .* is at least 0"),
        ("SparseCategoricalCrossentropy", None, -1.0, "max = -1 can never hold"),
        ("TruePositives", None, -1.0, "max = -1 can never hold, .* is at least 0"),
        ("R2Score", 1.1, None, "at most 1"),
        ("MatthewsCorrelationCoefficient", None, -1.1, "at least -1"),
        ("MatthewsCorrelationCoefficient", 1.1, None, "at most 1"),
        ("Unheard", 0.9, 0.8, "min = 0.9 is more than max = 0.8"),
    ],
)
def test_limits_that_no_value_can_hold_are_told(metric, least, greatest, said) -> None:
    [problem] = problems(metric, least, greatest)
    assert re.search(said, problem)


@pytest.mark.parametrize(
    ("metric", "limits", "said"),
    [
        ("AUC", (None, None, 5.0), "max_drop = 5 refuses nothing, AUC lies between 0 and 1; "),
        ("MatthewsCorrelationCoefficient", (None, None, 2.5), "lies between -1 and 1"),
        ("FPR", (None, 95.0, None), "max = 95 refuses nothing, FPR is at most 1"),
        ("R2Score", (None, 1.5, None), "max = 1.5 refuses nothing"),
        ("SparseCategoricalAccuracy", (-0.9, None, None), "min = -0.9 refuses nothing, .* least 0"),
    ],
)
def test_limits_that_every_value_holds_are_told(metric, limits, said) -> None:
    [problem] = problems(metric, *limits)
    assert re.search(said, problem)


@pytest.mark.parametrize(
    ("metric", "kind", "classes", "said"),
    [
        ("SparseCategoricalAccuracy", "number", 0, "about classes or tags, and .* a number"),
        ("Hinge", "number", 0, "about classes or tags"),
        ("R2Score", "classes", 3, "about numbers, and .* several classes"),
        ("SparseTopKCategoricalAccuracy", "classes", 5, "is 1 whatever .*: of 5 classes each"),
        ("SparseTopKCategoricalAccuracy", "classes", 6, None),
        ("R2Score", "number", 0, None),
        ("ExampleCount", "number", 0, None),
        ("MeanSquaredError", "tags", 3, None),
        ("AUC", "classes", 2, None),
        ("Unheard", "number", 0, None),
    ],
)
def test_what_says_nothing_of_a_label_is_told(metric, kind, classes, said) -> None:
    found = misfit(metric, kind, classes)
    assert (found is None) == (said is None)
    assert said is None or re.search(said, str(found))


def test_a_drop_of_what_has_no_end_may_be_any() -> None:
    assert not [*problems("R2Score", None, None, 9.0), *problems("Hinge", None, None, 1e9)]
    assert not [*problems("Unheard", -1.0, 99.0, 9.0), *problems("AUC", 0.0, 1.0, 1.0)]


@given(st.sampled_from(sorted(KINDS)), st.data())
def test_limits_that_a_value_holds_are_fine(metric: str, data: st.DataObject) -> None:
    kind = KINDS[metric]
    low = kind.least if math.isfinite(kind.least) else -9.0
    high = kind.greatest if math.isfinite(kind.greatest) else 9.0
    value = data.draw(st.floats(low, high))
    assert list(problems(metric, value, value)) == []
    assert list(problems(metric, value, None)) == list(problems(metric, None, value)) == []


def test_nothing_is_assumed_of_an_unknown_metric() -> None:
    assert list(problems("Unheard", 1e9, None)) == []


@pytest.mark.parametrize(
    ("metric", "least", "greatest", "higher"),
    [
        ("AUC", False, True, True),
        ("MeanAbsoluteError", True, False, False),
        ("Unheard", True, False, True),
        ("Unheard", False, True, False),
        ("Unheard", True, True, None),
        ("Unheard", False, False, None),
    ],
)
def test_which_values_are_better_is_known_or_told_by_one_limit(metric, least, greatest, higher):
    assert higher_is_better(metric, has_least=least, has_greatest=greatest) is higher


def test_without_limits_nothing_is_known_of_an_unknown_metric():
    assert higher_is_better("Unheard") is None
    assert higher_is_better("Unheard", has_least=True) is True
    assert higher_is_better("Unheard", has_greatest=True) is False


@pytest.mark.parametrize(
    ("metric", "much"),
    [("AUC", 1.0), ("R2Score", 1.0), ("MeanAbsoluteError", 0.0), ("Unheard", 0.0)],
)
def test_what_is_much_of_a_metric_is_known_where_it_has_a_greatest_value(metric, much):
    assert unit(metric) == much


def test_a_label_at_the_threshold_is_likely_for_libraries_too():
    for metric, key in (("BinaryAccuracy", "threshold"), ("Recall", "thresholds")):
        [(name, below)] = arguments(metric, 0.3).items()
        assert name == key
        assert np.float32(0.3) > np.float32(np.ravel(below)[0]) > np.float32(0.3) - 1e-7
    assert arguments("AUC", 0.3) == arguments("Recall", None) == {}
