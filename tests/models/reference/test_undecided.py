"""Rows next to the threshold of a tag or a class."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from models.reference.decisions import OfClasses, OfNumbers, OfTags
from models.reference.undecided import Row
from models.reference.undecided import undecided as _undecided

ROWS = [{"fare": float(fare), "word": b"x", "age": None} for fare in range(20)]


def undecided(rows, others, numbers, margins):
    return _undecided(rows, others, numbers, margins, np.random.default_rng(0), 64)


def tags(likely: Callable[[Sequence[Row]], NDArray[np.float32]], threshold: float):
    return lambda rows: OfTags(("one", "two"), threshold).margins(likely(rows))


@pytest.mark.medium
@given(st.floats(0.05, 0.95), st.booleans())
def test_both_sides_of_any_threshold_are_near_to_it(threshold: float, falls: bool) -> None:
    def likely(rows):
        shares = np.array([row["fare"] / 19 for row in rows], np.float32)
        ones = np.full(len(rows), 0.99, np.float32)
        return np.stack([1 - shares if falls else shares, ones], axis=1)

    found = [*undecided(ROWS, [], ["fare", "age"], tags(likely, threshold))]
    [below, above] = [
        next(row for tag, row, positive in found if tag == 0 and positive == side)
        for side in (False, True)
    ]
    low, high = likely([below, above])[:, 0]
    assert low < threshold <= high + 1e-6
    assert high - low < 0.001
    assert below["word"] == above["word"] == b"x"
    assert [positive for tag, _, positive in found if tag == 1] == [True]


@pytest.mark.parametrize("numbers", [[], ["age"], ["fare"]])
def test_where_no_number_decides_the_nearest_rows_are_asked_about(numbers: list[str]) -> None:
    words = [{"fare": 1.0, "age": None, "word": bytes([letter])} for letter in range(100)]

    def likely(rows):
        return np.array([[row["word"][0] / 100] for row in rows], np.float32)

    found = [*undecided(words[:5], words[5:], numbers, tags(likely, 0.505))]
    assert [(row["word"][0], positive) for _, row, positive in found] == [(50, False), (51, True)]


def test_a_tag_that_nothing_has_is_asked_about_where_it_is_the_likeliest() -> None:
    def likely(rows):
        return np.array([[row["fare"] / 100] for row in rows], np.float32)

    [(tag, row, positive)] = undecided(ROWS, [], [], tags(likely, 0.5))
    assert (tag, row["fare"], positive) == (0, 19.0, False)


def test_two_classes_are_asked_about_where_either_is_as_likely() -> None:
    def margins(rows):
        second = np.array([row["fare"] / 13 for row in rows], np.float32).clip(0, 1)
        return OfClasses(("no", "yes")).margins(np.stack([1 - second, second], axis=1))

    found = [row["fare"] for _, row, _ in undecided(ROWS, [], ["fare"], margins)]
    assert max(fare for fare in found if fare < 6.5) > 6.49
    assert min(fare for fare in found if fare >= 6.5) < 6.51


def test_beside_a_row_too_near_to_be_held_to_a_threshold_stands_the_next_one() -> None:
    def likely(rows):
        return np.array([[row["fare"] / 100 + 0.40999] for row in rows], np.float32)

    found = [*undecided(ROWS, [], [], tags(likely, 0.5))]
    assert [(row["fare"], positive) for _, row, positive in found] == [
        (9.0, False),
        (8.0, False),
        (10.0, True),
    ]


def test_beside_a_decision_that_falls_between_rows_stands_one_that_tells_on_each_side() -> None:
    def margins(rows):
        second = np.array([0.5 + (row["fare"] - 9.5) / 40 for row in rows], np.float32)
        return OfClasses(("no", "yes")).margins(np.stack([1 - second, second], axis=1))

    # The search may not end with a row that is a tie as good as any.
    for seed in range(5):
        random = np.random.default_rng(seed)
        found = [*_undecided(ROWS, [], ["fare"], margins, random, 64)]
        for side in (False, True):
            nearest = [abs(margins([row])[0, 0]) for _, row, is_for in found if is_for == side]
            assert any(1.5e-4 <= margin <= 5e-4 for margin in nearest)


def test_there_are_rows_at_several_distances_of_a_threshold() -> None:
    def likely(rows):
        return np.array([[row["fare"] / 19] for row in rows], np.float32)

    found = [*undecided(ROWS, [], ["fare"], tags(likely, 0.5))]
    for side in (False, True):
        far = [abs(row["fare"] / 19 - 0.5) for _, row, positive in found if positive == side]
        assert len(far) <= 4
        for least in (2e-4, 6e-4, 2.4e-3):
            assert any(least <= each for each in far)


def test_a_number_beyond_those_of_the_data_is_looked_for() -> None:
    def answers(rows):
        return np.array([[row["fare"] * (1 + row["word"][0])] for row in rows], np.float32)

    rows = [{"fare": float(fare) - 3, "word": b"\0"} for fare in range(4, 9)]
    others = [{"fare": -2.0, "word": b"\1"}]
    decisions = OfNumbers.beyond(answers(rows))
    assert decisions.levels == (0.0, -3.0, 9.0)

    def margins(asked):
        return decisions.margins(answers(asked))

    found = [*undecided(rows, others, ["fare"], margins)]
    said = {decisions.called(decision, is_for): row for decision, row, is_for in found}
    assert {"above 0", "below 0", "below -3", "above 9"} <= {*said}
    assert answers([said["below 0"]])[0, 0] < 0
    assert answers([said["above 9"]])[0, 0] >= 9
