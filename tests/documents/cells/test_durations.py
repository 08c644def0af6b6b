"""How long something took, as people and programs write it."""

from __future__ import annotations

import datetime

import pydantic
import pytest
from hypothesis import given
from hypothesis import strategies as st

from documents.cells.cell import CellError
from documents.cells.durations import is_of_clock, seconds
from models.features.number.kind import Number


@pytest.mark.parametrize(
    ("cell", "wanted"),
    [
        ("1h 20m", 4800),
        ("1 hr, 20 min.", 4800),
        ("95 min", 5700),
        ("1.5 h", 5400),
        ("1,5 Std", 5400),
        ("2 days 3 hours", 183_600),
        ("01:23:45", 5025),
        ("30:00:00", 108_000),
        ("0 days 01:20:00", 4800),
        ("1 day, 2:03:04.5", 93_784.5),
        ("PT1H20M", 4800),
        ("P1DT0.5S", 86_400.5),
        ("-0:30", -1800),
    ],
)
def test_a_duration_counts_in_seconds(cell: str, wanted: float) -> None:
    assert seconds(cell, "hours") == wanted
    assert Number(kind="number", duration="hours").value(cell) == wanted


@given(st.integers(0, 10**8), st.integers(1, 59))
def test_what_python_writes_is_read(whole: int, minute: int) -> None:
    length = datetime.timedelta(seconds=whole)
    assert Number(kind="number", duration="minutes").value(str(length)) == whole
    assert Number(kind="number", duration="minutes").value(length) == whole
    assert seconds(f"{whole}:{minute:02}", "minutes") == 60 * whole + minute
    assert seconds(f"{whole}:{minute:02}", "hours") == 60 * (60 * whole + minute)


@pytest.mark.parametrize(
    "cell", ["5", "P", "PT", "12:60", "5 m 3 h", "1h20", "3 apples", "1:2:3", "1:00:00:00", "h"]
)
def test_what_is_none_is_refused(cell: str) -> None:
    assert seconds(cell, "hours") is None
    with pytest.raises(CellError, match="no duration"):
        Number(kind="number", duration="hours").value(cell)


def test_nothing_is_missing_and_a_number_with_a_type_is_seconds() -> None:
    number = Number(kind="number", duration="minutes", missing=("DNF", 0.0))
    assert [number.value(cell) for cell in ("", "NA", "dnf", "0:00", 90)] == [None] * 4 + [90.0]
    with pytest.raises(pydantic.ValidationError, match="leave them out"):
        Number(kind="number", duration="minutes", unit="s")


def test_what_clocks_show_may_be_something_else() -> None:
    assert is_of_clock("28:31")
    assert not is_of_clock("0 days 00:28:31")
    assert not is_of_clock("28 min")
