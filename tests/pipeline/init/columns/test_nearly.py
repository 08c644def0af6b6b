"""Columns in which most cells are numbers."""

from __future__ import annotations

from collections import Counter

import pytest

from pipeline.init.columns.nearly import nearly

NUMBERS = [f"{number},5 €" for number in range(1, 40)]


def test_the_way_in_which_fewest_cells_are_no_numbers() -> None:
    found = nearly(Counter([*NUMBERS, "soon", "later", "soon"]), 42)
    assert found is not None
    assert found.notation.settings == {"decimal": ",", "unit": "€"}
    assert (found.bad, found.example, found.is_whole) == (3, "soon", False)
    assert found.said == "3 of 42 cells are no numbers, such as 'soon'"


@pytest.mark.parametrize(
    "cells",
    [
        NUMBERS,
        [*NUMBERS[:10], "soon"],
        [*NUMBERS, "00501"],
        NUMBERS + ["soon"] * 20,
        [f"K{number}" for number in range(40)],
    ],
    ids=["all", "few", "codes", "too many others", "names"],
)
def test_columns_of_which_it_cannot_be_said(cells: list[str]) -> None:
    assert nearly(Counter(cells), len(cells)) is None


def test_cells_that_stand_for_nothing_are_none_that_are_no_numbers() -> None:
    found = nearly(Counter([*NUMBERS, *["unknown"] * 9]), 48)
    assert found is not None
    assert (found.bad, found.share, found.example, found.nothing) == (0, 0, None, {"unknown": 9})
    assert found.said == "every other cell is a number"


@pytest.mark.parametrize(
    ("numbers", "others", "is_nearly"),
    [(19, 1, True), (18, 1, False), (40, 10, True), (40, 11, False)],
)
def test_so_many_cells_and_no_fewer_tell(numbers: int, others: int, is_nearly: bool) -> None:
    words = [f"{'abcdefghijk'[number]} word" for number in range(others)]
    cells = Counter([*map(str, range(10, 10 + numbers)), *words])
    found = nearly(cells, cells.total())
    assert (found is not None) == is_nearly
    assert found is None or (found.bad, found.is_whole) == (others, True)
