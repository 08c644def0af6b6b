"""Durations, scores and times of day are told apart, as far as they can be."""

from __future__ import annotations

import pytest

from pipeline.init.columns.column import Column
from pipeline.init.columns.durations import proposal

CLOCKS = ["7:05", "12:30", "22:19", "0:45"]


@pytest.mark.parametrize(
    ("name", "cells", "kind"),
    [
        ("ride", ["1h 20m", "45 min", "2 h"], {"kind": "number", "duration": "hours"}),
        ("ride", ["PT1H", "PT20M", "P1D"], {"kind": "number", "duration": "hours"}),
        ("ride", ["0 days 01:20:00", "1 days 00:00:00", "2 days 01:00:00"], "hours"),
        ("ride", ["26:10:00", "1:20:00", "3:05:09"], "hours"),
        ("ride", ["6:10:00", "1:20:00", "3:05:09"], None),
        ("tripDuration", CLOCKS, "hours"),
        ("Dauer (Film)", ["95:10", "120:00", "81:59"], "minutes"),
        ("lap_time", ["1:23.4", "1:25.0", "1:30.1"], "minutes"),
        ("final score", CLOCKS, {"kind": "ignore"}),
        ("Endstand", ["28:31", "25:25", "30:22"], {"kind": "ignore"}),
        ("arrival", CLOCKS, None),
        ("heim", ["28:31", "25:25", "30:22"], None),
        ("ride", ["1h 20m", "45 min", "soon"], None),
        ("ride", ["1h 20m", "45 min"], None),
        ("ride", ["red", "blue", "green"], None),
    ],
)
def test_a_column_of_durations(name: str, cells: list[str], kind: object) -> None:
    found = proposal(name, cells)
    wanted = {"kind": "number", "duration": kind} if isinstance(kind, str) else kind
    assert (found and found[0]) == wanted


def test_a_label_may_be_a_duration() -> None:
    label = Column("took")
    label.add([f"{minute // 60}h {minute % 60}m" for minute in range(40, 200)])
    assert label.label_notation
    assert label.label_notation.settings == {"duration": "hours"}
    assert label.label_notation.plain("1h 20m") == "4800.0"
