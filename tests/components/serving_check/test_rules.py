"""What each output must be, given the probabilities."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.serving_check.rules import (
    RULES,
    Expected,
    class_scores,
    classes_alone,
    distribution,
    finite,
    probabilities,
)
from documents.questions import Tagging
from documents.tolerance import Tolerance
from tests.there import there

LABELS = ("bag", "boot", "coat", "dress")
PROBABILITIES = np.array(
    [[0.1, 0.6, 0.2, 0.1], [0.7, 0.1, 0.05, 0.15], [0.25, 0.25, 0.3, 0.2]], np.float64
)
EXPECTED = Expected(
    PROBABILITIES, LABELS, Tolerance(1e-5, 1e-4), Tagging(threshold=0.2, separator="|")
)


def strings(*rows):
    return np.array(rows, object)


RIGHT = {
    "label": strings(b"boot", b"bag", b"coat"),
    "score": np.array([0.6, 0.7, 0.3], np.float32),
    "tags": strings(b"boot|coat", b"bag", b"bag|boot|coat|dress"),
    "top_labels": strings([b"boot", b"coat"], [b"bag", b"dress"], [b"coat", b"boot"]),
    "top_scores": np.array([[0.6, 0.2], [0.7, 0.15], [0.3, 0.25]], np.float32),
}


@pytest.mark.parametrize("name", RULES)
def test_what_follows_from_the_probabilities_is_right(name):
    assert RULES[name](RIGHT[name], EXPECTED) is None


def test_a_tag_at_the_threshold_may_be_answered_or_not():
    for dress in (b"bag|boot|coat|dress", b"bag|boot|coat"):
        assert RULES["tags"](strings(b"boot|coat", b"bag", dress), EXPECTED) is None
    for coat in (b"boot|coat", b"boot"):
        assert RULES["tags"](strings(coat, b"bag", b"bag|boot|coat"), EXPECTED) is None


def test_the_probabilities_themselves_are_right_within_the_tolerance():
    assert probabilities(PROBABILITIES.astype(np.float32), EXPECTED) is None
    assert probabilities(PROBABILITIES + 1e-7, EXPECTED) is None


def test_a_small_probability_may_be_off_by_half_of_itself():
    likely = np.array([[4e-6, 1 - 4e-6]])
    expected = dataclasses.replace(EXPECTED, probabilities=likely, bounded=True)

    def found(small):
        return probabilities(np.array([[small, 1 - small]]), expected)

    assert found(3e-6) is None
    assert found(5e-6) is None
    for other in (0.0, 1.9e-6, 7e-6):
        assert there(found(other)).row == 0
    # What noise of float32 makes of one that is hardly there.
    hardly = dataclasses.replace(expected, probabilities=np.array([[2e-7, 1 - 2e-7]]))
    assert probabilities(np.array([[0.0, 1.0]]), hardly) is None
    # Nobody takes the logarithm of a number that is none.
    assert probabilities(likely * [0, 1], dataclasses.replace(expected, bounded=False)) is None


def test_probabilities_add_up_though_each_is_within_the_tolerance():
    expected = dataclasses.replace(EXPECTED, sums=1e-5)
    assert probabilities(PROBABILITIES + 1e-7, expected) is None
    wrong = there(probabilities(PROBABILITIES * 1.00005, expected))
    assert wrong == (0, "0.1, 0.6, 0.2, 0.1, which add up to 1.000050,")


@pytest.mark.parametrize(
    ("name", "wrong", "row", "said"),
    [
        ("label", strings(b"boot", b"boot", b"coat"), 1, "boot instead of bag"),
        ("label", strings(b"boot", b"Bag", b"coat"), 1, "Bag instead of bag"),
        ("label", strings([b"boot"], [b"bag"], [b"coat"]), 0, "shape [3, 1] instead of [3]"),
        ("score", np.array([0.6, 0.7, 0.25], np.float32), 2, "0.25 instead of 0.3"),
        ("score", np.array([0.6, 0.7002, 0.3]), 1, "0.7002 instead of 0.7"),
        ("score", np.array([0.6, 0.69999, 0.299956]), 2, "0.299956 instead of 0.3"),
        ("score", np.array([0.6, np.nan, 0.3], np.float32), 1, "nan instead of 0.7"),
        ("tags", strings(b"coat|boot", b"bag", b"bag"), 0, "“coat|boot” instead of “boot”"),
        ("tags", strings(b"boot", b"", b"bag|boot|coat"), 1, "“” instead of “bag”"),
        ("tags", strings(b"boot", b"bag|boot", b"bag|boot|coat"), 1, "“bag|boot” instead of “bag”"),
        ("tags", strings(b"boot", b"bag", b"bag|boot"), 2, "“bag|boot” instead of “bag|boot|coat”"),
        (
            "tags",
            strings(b"boot", b"bag", b"bag|boot|coat|"),
            2,
            "“bag|boot|coat|” instead of “bag|boot|coat”",
        ),
        ("tags", strings([b"boot"], [b"bag"], [b"coat"]), 0, "shape [3, 1] instead of [3]"),
        ("top_labels", RIGHT["top_labels"][:, ::-1], 0, "coat, boot instead of boot, coat"),
        ("top_labels", strings(*[[b"boot", b"boot"]] * 3), 0, "boot, boot, a label twice"),
        ("top_labels", strings(b"boot", b"bag", b"coat"), 0, "shape [3] instead of [3, 1 to 4]"),
        ("top_scores", RIGHT["top_scores"][:, ::-1], 0, "0.2, 0.6 instead of 0.6, 0.2"),
        ("top_scores", np.ones((3, 5), np.float32), 0, "shape [3, 5] instead of [3, 1 to 4]"),
    ],
)
def test_what_does_not_follow_is_named_with_its_row(name, wrong, row, said):
    assert RULES[name](wrong, EXPECTED) == (row, said)


@given(st.integers(0, 2), st.integers(0, 3), st.sampled_from([2e-4, -0.5, np.nan, np.inf]))
def test_a_probability_beyond_the_tolerance_is_named(row, column, difference):
    wrong = PROBABILITIES.copy()
    wrong[row, column] += difference
    assert there(probabilities(wrong, EXPECTED)).row == row


def test_a_probability_is_from_0_to_1_however_loose_the_tolerance_is():
    sure = np.array([[1.0, 0.0]])
    known = dataclasses.replace(EXPECTED, probabilities=sure, labels=LABELS[:2], bounded=True)
    for near in ([1 + 1e-6, -1e-6], [1 - 2e-6, 2e-6]):
        assert probabilities(np.array([near]), known) is None
    for beyond in ([1 + 5e-6, 0.0], [1.0, -5e-6]):
        assert probabilities(np.array([beyond]), known) is not None
        assert probabilities(np.array([beyond]), dataclasses.replace(known, bounded=False)) is None
    assert RULES["score"](np.array([1 + 5e-5]), known) is not None


def test_either_of_two_that_tie_may_come_first():
    tie = Expected(np.array([[0.4, 0.4 - 1e-6, 0.2]]), LABELS[:3], Tolerance(1e-5, 1e-4))
    for label in (b"bag", b"boot"):
        assert RULES["label"](strings(label), tie) is None
    assert RULES["top_labels"](strings([b"boot", b"bag"]), tie) is None
    assert there(RULES["label"](strings(b"coat"), tie)).what == "coat instead of bag"


def test_a_loose_tolerance_does_not_make_everything_a_tie():
    loose = Expected(PROBABILITIES, LABELS, Tolerance(1.0, 0.0))
    assert there(RULES["label"](strings(b"boot", b"boot", b"coat"), loose)).row == 1
    assert probabilities(PROBABILITIES[:, ::-1], loose) is not None


def test_a_difference_of_exactly_the_tolerance_is_right():
    exact = Expected(np.array([[0.5, 0.5]]), ("bag", "boot"), Tolerance(0.25, 0.0))
    assert probabilities(np.array([[0.75, 0.25]]), exact) is None
    assert RULES["score"](np.array([0.75]), exact) is None
    assert RULES["top_scores"](np.array([[0.75, 0.25]]), exact) is None
    assert class_scores(strings([b"boot", b"bag"]), np.array([[0.75, 0.25]]), exact) is None
    tagging = dataclasses.replace(exact, tagging=Tagging(threshold=0.75, separator="|"))
    for found in (b"", b"bag|boot"):
        assert RULES["tags"](strings(found), tagging) is None


def test_classes_in_any_order_have_their_own_scores():
    classes = strings([b"coat", b"boot"], [b"bag", b"coat"], [b"dress", b"coat"])
    right = np.array([[0.2, 0.6], [0.7, 0.05], [0.2, 0.3]], np.float32)
    assert class_scores(classes, right, EXPECTED) is None
    assert there(class_scores(classes, right[:, ::-1], EXPECTED)) == (
        0,
        "0.6, 0.2 instead of 0.2, 0.6",
    )
    other = classes.copy()
    other[2, 0] = b"hat"
    # No class stands for the first one, whose probability its score may happen to be.
    first = np.array([[0.2, 0.6], [0.7, 0.05], [0.25, 0.3]], np.float32)
    assert there(class_scores(other, first, EXPECTED)).row == 2


def test_the_likeliest_class_is_among_those_with_scores_and_none_twice():
    classes = strings([b"boot", b"coat"], [b"bag", b"coat"], [b"dress", b"bag"])
    scores = np.array([[0.6, 0.2], [0.7, 0.05], [0.2, 0.25]], np.float32)
    assert there(class_scores(classes, scores, EXPECTED)) == (
        2,
        "of dress, bag, and the likeliest class is left out",
    )
    twice = strings([b"boot", b"boot"], [b"bag", b"coat"], [b"coat", b"bag"])
    repeated = np.array([[0.6, 0.6], [0.7, 0.05], [0.3, 0.25]], np.float32)
    assert there(class_scores(twice, repeated, EXPECTED)) == (0, "boot, boot, a label twice")


def test_classes_alone_are_the_best_ones_or_all_that_there_are():
    best = strings([b"boot", b"coat"], [b"bag", b"dress"], [b"coat", b"bag"])
    assert classes_alone(best, EXPECTED) is None
    assert there(classes_alone(best[:, ::-1], EXPECTED)).row == 0
    every = strings(*[[label.encode() for label in LABELS]] * 3)
    assert classes_alone(every, EXPECTED) is None
    assert there(classes_alone(every[:, ::-1], EXPECTED)).row == 0
    assert there(classes_alone(np.zeros((3, 2), np.int64), EXPECTED)).what == (
        "int64 instead of names"
    )


@pytest.mark.parametrize(
    ("classes", "scores"),
    [
        (np.zeros((3, 2), np.int64), np.ones((3, 2))),
        (strings(*[[b"bag", b"boot"]] * 3), np.ones((3, 1))),
        (strings(b"bag", b"boot", b"coat"), np.ones(3)),
    ],
)
def test_classes_and_scores_that_do_not_belong_together_are_named(classes, scores):
    told = f"of shape {list(scores.shape)}, and classes {list(classes.shape)}"
    assert class_scores(classes, scores, EXPECTED) == (0, told)


def test_labels_that_are_places_are_held_likewise():
    assert RULES["label"](np.array([1, 0, 2]), EXPECTED) is None
    for none in (9, 4, -1):
        assert there(RULES["label"](np.array([1, 0, none]), EXPECTED)).row == 2
    unnamed = dataclasses.replace(EXPECTED, labels=None)
    assert RULES["label"](np.array([1, 0, 2]), unnamed) is None
    assert there(RULES["label"](strings(b"boot", b"bag", b"coat"), unnamed)).row == 0


def test_an_empty_batch_is_right_when_its_shape_is():
    nothing = dataclasses.replace(EXPECTED, probabilities=np.zeros((0, 4)))
    assert probabilities(np.zeros((0, 4), np.float32), nothing) is None
    assert (
        there(probabilities(np.zeros((0,), np.float32), nothing)).what
        == "shape [0] instead of [0, 4]"
    )
    for name, right in RIGHT.items():
        assert RULES[name](right[:0], nothing) is None


@pytest.mark.parametrize(
    "row", [[0.5, 0.6, 0.1], [1.2, -0.2, 0.0], [np.nan, 0.5, 0.5], [0.0, 0.0, 0.0]]
)
def test_what_is_no_distribution_is_named(row):
    right = [0.2, 0.3, 0.5]
    assert distribution(np.array([right, right])) is None
    assert there(distribution(np.array([right, row]))).row == 1


def test_what_is_not_finite_is_named_in_any_output():
    assert there(finite(np.array([[1.0, np.inf]]))).row == 0
    assert there(finite(np.array([[[1.0]], [[np.nan]]]))).row == 1
    for fine in (np.ones((0, 3, 2)), np.array([b"nan"], object), np.ones(3, np.int32)):
        assert finite(fine) is None
