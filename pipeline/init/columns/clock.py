"""Columns of whole numbers that are times of day, such as 1345 and 517. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection

from documents.cells.cell import CellError
from documents.cells.times import time_of_day

_NAMES = {
    *("time", "times", "at", "hhmm", "clock", "departure", "arrival", "dep", "arr", "departed"),
    *("uhrzeit", "zeit", "abfahrt", "ankunft", "heure", "hora", "ora", "godzina"),
}
_NO_CLOCK = {
    "run",
    "duration",
    "elapsed",
    "flight",
    "air",
    "total",
    "spent",
    "wait",
    "delay",
    "diff",
}
_DIGITS = re.compile(r"\d{1,4}(?:\.0*)?", re.ASCII).fullmatch
_FEWEST = 3
"""Different cells, in a column that is called so."""
_SURE = 25
"""Different cells with other minutes than 00 and 50, in a column that is not: of as many numbers by
chance one in 300,000 columns has none with minutes from 60 on."""
_LATE = "10:00:00"
"""At least one is that late: smaller numbers may count minutes."""
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")


def are_times(cells: Collection[str]) -> bool:
    """Whether all cells may be times such as 1345, and one is after ten."""
    if len(cells) < _FEWEST or not all(map(_DIGITS, cells)):
        return False
    try:
        return max(str(time_of_day(cell, None, "hhmm")) for cell in cells) >= _LATE
    except CellError:
        return False


def named(name: str) -> bool:
    """Whether a column is called as one of times of day is."""
    words = {word.lower() for word in _WORD.findall(name)}
    return bool(words & _NAMES) and not words & _NO_CLOCK


def by_chance(cells: Collection[str]) -> bool:
    """Whether cells that may be times may as well be other numbers."""
    told = {cell for cell in cells if int(float(cell)) % 50}
    return len(told) < _SURE
