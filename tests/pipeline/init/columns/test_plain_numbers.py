"""Numbers that are counted many at once, which is the same as one by one."""

from __future__ import annotations

import dataclasses
import math
import random
from typing import Any

import pytest

from documents.cells.cell import Cell
from pipeline.init.columns import counts
from pipeline.init.columns.column import Column
from pipeline.init.columns.plain_numbers import plain_numbers

_MADE = random.Random(0)
_NUMBERS = [repr(_MADE.gauss(0, 1)) for _ in range(300)]
_WHOLE = [str(_MADE.randrange(10**9)) for _ in range(300)]


def _told(name: str, cells: list[Cell]) -> tuple[Any, ...]:
    column = Column(name)
    for at in range(0, len(cells), 100):
        column.add(cells[at : at + 100])
    told = dataclasses.asdict(column) | {"row_numbers": column.row_numbers.are_all}
    if not column.is_whole:
        del told["longest"]
    return told, [*column.values.items()], column.proposal, column.nothing


@pytest.mark.medium
@pytest.mark.parametrize(
    "cells",
    [
        _NUMBERS,
        _WHOLE,
        [*_NUMBERS, *["", "NA", " 7 "] * 50],
        [*_WHOLE, "00501", *_WHOLE],
        [*_WHOLE, "1,5", *_WHOLE],
        [*_WHOLE, "1.5", "1,5"],
        [*_NUMBERS, "1e400", "-1e39", "inf"],
        [*_NUMBERS, *["5-", "(5)", ".5", "5.", "+5", "-", "1e5", "e5"] * 3],
        [*_NUMBERS, *["-999"] * 20, *["unknown"] * 9],
        ["0", *(f"{number}.0" for number in range(250))],
        [f"2026{month:02d}{day:02d}" for month in range(1, 13) for day in range(1, 29)],
        [f"{hour}{minute:02d}" for hour in range(24) for minute in range(0, 60, 5)],
        [*map(float, _NUMBERS), None, math.nan, math.inf, -0.0, 1e20, 1e-7, 12.0],
        [*map(int, _WHOLE), None, True, 10**30],
        [*map(int, _WHOLE), *map(float, _NUMBERS), *_NUMBERS],
    ],
)
def test_many_at_once_are_as_one_by_one(cells: list[Cell], monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("amount", "zip", "dep_time"):
        at_once = _told(name, cells)
        with monkeypatch.context() as alone:
            alone.setattr(counts, "plain_numbers", lambda cells: None)
            assert at_once == _told(name, cells)


def test_of_many_different_numbers_the_first_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counts, "MOST_VALUES", 250)
    assert _told("amount", _NUMBERS * 2)[0]["overflows"]
    test_many_at_once_are_as_one_by_one(_NUMBERS * 2, monkeypatch)


def test_what_is_no_plain_number_is_told_by_nobody_at_once() -> None:
    assert plain_numbers(["1", "-2.5e-3", "", "NA"])
    for cell in ("007", "1,5", "5 kg", "2e", "1e39", "٣"):
        assert plain_numbers(["1", cell]) is None
    for cells in (["", None], [1, True], [math.nan], []):
        assert plain_numbers(cells) is None
