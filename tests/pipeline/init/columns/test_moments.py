"""Columns in which most cells are dates or times of day."""

from __future__ import annotations

from collections import Counter

import pytest

from pipeline.init.columns.moments import moments

DAYS = [f"{day:02d}.{month:02d}.2025" for day in range(1, 29) for month in range(1, 4)]
TIMES = [f"{hour}:{minute}" for hour in range(24) for minute in (10, 35)]


@pytest.mark.parametrize(
    ("cells", "kind", "nothing"),
    [
        ([*DAYS, *["unbekannt"] * 40], {"kind": "date", "format": "%d.%m.%Y"}, {"unbekannt": 40}),
        ([*DAYS, "00.00.0000"], {"kind": "date", "format": "%d.%m.%Y"}, {"00.00.0000": 1}),
        ([*DAYS, "see note"], {"kind": "date", "format": "%d.%m.%Y"}, {}),
        ([*TIMES, *["closed"] * 30], {"kind": "time"}, {"closed": 30}),
    ],
)
def test_some_cells_stand_for_nothing(
    cells: list[str], kind: dict[str, str], nothing: dict[str, int]
) -> None:
    found = moments(Counter(cells))
    assert found
    assert (found.kind, found.nothing) == (kind, nothing)
    assert (found.share > 0) == ("see note" in cells)


@pytest.mark.parametrize(
    "cells",
    [
        DAYS,
        [*DAYS, *(f"note {n}" for n in range(9))],
        ["01.02.2025", "x"],
        ["a", "b"],
        [*DAYS, *(f"2025-01-{day}" for day in range(10, 29))],
        [],
    ],
    ids=["all", "too many others", "few", "none", "two ways", "empty"],
)
def test_columns_of_which_it_cannot_be_said(cells: list[str]) -> None:
    assert moments(Counter(cells)) is None


@pytest.mark.parametrize(
    ("others", "are_days"),
    [
        (["note 1"], True),
        (["note 1", "note 2"], False),
        (["closed"] * 126, True),
        (["closed"] * 127, False),
    ],
)
def test_so_many_others_and_no_more_are_among_days(others: list[str], are_days: bool) -> None:
    days = [*DAYS[:49]] if "note 1" in others else DAYS
    assert (moments(Counter([*days, *others])) is not None) == are_days
