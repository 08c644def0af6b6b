"""Formats in which tables write dates. Pure."""

from __future__ import annotations

from models.features.cells import CellError
from models.features.date.kind import Date

_DAYS = (
    *("%d.%m.%Y", "%m/%d/%Y", "%d/%m/%Y", "%Y/%m/%d", "%d-%m-%Y", "%m-%d-%Y"),
    *("%d.%m.%y", "%m/%d/%y", "%d/%m/%y"),
    *("%d-%b-%Y", "%d-%b-%y", "%d %b %Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y"),
)
_TIMES = ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p")
_KINDS = (
    Date(kind="date"),
    *(Date(kind="date", format=day + time) for day in _DAYS for time in _TIMES),
)
"""ISO 8601 first; where day and month cannot be told apart, the month first."""
_LONGEST = 40


def possible(cell: str) -> list[Date]:
    """By which a cell is a date, the most usual first."""
    if len(cell) > _LONGEST or not any(map(str.isdigit, cell)):
        return []
    return [kind for kind in _KINDS if reads(kind, cell)]


def reads(kind: Date, cell: str) -> bool:
    """Whether the cell is a date so."""
    try:
        return kind.value(cell) is not None
    except CellError:
        return False
