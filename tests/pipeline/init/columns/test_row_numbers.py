"""Columns that count the rows."""

from __future__ import annotations

import pytest

from pipeline.init.columns.row_numbers import RowNumbers


@pytest.mark.parametrize(
    ("cells", "are_all"),
    [
        (range(50), True),
        (range(1, 51), True),
        ([f"{n}" for n in range(50)], True),
        ([f"{n}.0" for n in range(50)], True),
        ([float(n) for n in range(50)], True),
        (range(20), False),
        (range(2, 60), False),
        ([*range(30), *range(30)], False),
        ([*range(30), None], False),
        ([*range(30), "x"], False),
        ([False, True, *range(2, 50)], False),
        ([*range(49, -1, -1)], False),
    ],
)
def test_each_is_one_more_than_the_one_before(cells: list[object], are_all: bool) -> None:
    for size in (7, 1_000):
        found = RowNumbers()
        listed = [*cells]
        for start in range(0, len(listed), size):
            found.add(listed[start : start + size])
        assert found.are_all is are_all
