"""Rows next to the threshold of a tag."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.undecided import undecided

ROWS = [{"fare": float(fare), "word": b"x", "age": None} for fare in range(20)]


@given(st.floats(0.05, 0.95), st.booleans())
def test_both_sides_of_any_threshold_are_near_to_it(threshold: float, falls: bool) -> None:
    def likely(rows):
        shares = np.array([row["fare"] / 19 for row in rows])
        return np.stack([1 - shares if falls else shares, np.full(len(rows), 0.99)], axis=1)

    [(tag, below, above)] = undecided(ROWS, ["fare", "age"], threshold, likely)
    assert tag == 0
    low, high = likely([below, above])[:, 0]
    assert low < threshold <= high + 1e-6
    assert high - low < 0.001
    assert below["word"] == above["word"] == b"x"


@pytest.mark.parametrize("numbers", [[], ["age"], ["fare"]])
def test_there_are_none_where_no_number_decides(numbers: list[str]) -> None:
    rows = [{"fare": 1.0, "age": None}] * 3
    assert not [*undecided(rows, numbers, 0.5, lambda asked: [[0.2]] * len(asked))]
