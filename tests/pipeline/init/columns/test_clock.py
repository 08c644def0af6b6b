"""Whole numbers that are times of day."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline.init.columns.column import Column
from pipeline.init.findings import of_table
from tests.pipeline.init.made_tables import column, said, table

DEPARTURES = ("517", "1345", "2210", "5", "0930")
MANY = tuple(str(100 * hour + minute) for hour in range(5, 23) for minute in (7, 18, 41))


@pytest.mark.parametrize(
    ("name", "cells", "kind"),
    [
        ("sched_dep_time", DEPARTURES, {"kind": "time", "format": "hhmm"}),
        ("CRSDepTime", ("0005", "1345", "2400"), {"kind": "time", "format": "hhmm"}),
        ("TIME OCC", (517.0, 1345.0, None, 2210.0), {"kind": "time", "format": "hhmm"}),
        ("arr_time", ("517", "1360", "2210"), {"kind": "number"}),
        ("arr_time", ("517", "1345", "2500"), {"kind": "number"}),
        ("run_time", ("517", "1345", "2210"), {"kind": "number"}),
        ("time", ("12", "45", "130"), {"kind": "number"}),
        ("time", ("5", "45", "59"), {"kind": "number"}),
        ("price", ("517", "1345", "2210"), {"kind": "number"}),
    ],
)
def test_numbers_in_a_column_that_is_called_so(
    name: str, cells: tuple[object, ...], kind: dict[str, Any]
) -> None:
    made = Column(name)
    made.add(cells * 10)
    assert made.proposal[0] == kind


def test_what_cannot_be_chance_is_told_whatever_the_column_is_called() -> None:
    made = column("slot", *MANY * 2)
    assert made.proposal[0] == {"kind": "number"}
    assert "make it {kind: time, format: hhmm}" in made.proposal[1]
    lines = of_table(table(made, column("late", *["yes", "no"] * len(MANY))))
    assert said("times?", lines) == [
        "slot; if these are times of day such as 1345, make it {kind: time, format: hhmm}"
    ]


def test_round_numbers_are_no_times() -> None:
    made = column("price", *[str(50 * of) for of in range(1, 49) if 50 * of % 100 < 60] * 2)
    assert "hhmm" not in made.proposal[1]
