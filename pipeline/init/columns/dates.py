"""Formats in which tables write dates. Pure."""

from __future__ import annotations

from documents.cells.cell import CellError
from models.features.date.kind import Date

_DAYS = (
    *("%d.%m.%Y", "%m/%d/%Y", "%d/%m/%Y", "%Y/%m/%d", "%d-%m-%Y", "%m-%d-%Y", "%Y.%m.%d"),
    *("%d.%m.%y", "%m/%d/%y", "%d/%m/%y"),
    *("%Y\u5e74%m\u6708%d\u65e5", "%Y\ub144 %m\uc6d4 %d\uc77c"),
    *("%d-%b-%Y", "%d-%b-%y", "%d %b %Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y"),
)
_TIMES = (
    *("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p"),
    *(" %H:%M:%S.%f", ", %H:%M", ", %H:%M:%S"),
)
_DIGITS = {"%Y%m%d": 8, "%Y%m%d%H%M": 12, "%Y%m%d%H%M%S": 14}
"""Formats of digits alone, and how many: strptime takes fewer."""
_CENTURIES = ("18", "19", "20", "21")
_OF_MACHINES = (
    *("%a, %d %b %Y %H:%M:%S %Z", "%a, %d %b %Y %H:%M:%S %z", "%a %b %d %H:%M:%S %Y"),
    *("%a %b %d %H:%M:%S %z %Y", "%d/%b/%Y:%H:%M:%S %z"),
)
"""As mail, servers and C write them."""
_KINDS = (
    Date(kind="date"),
    *(Date(kind="date", format=day + time) for day in _DAYS for time in _TIMES),
    *(Date(kind="date", format=form) for form in (*_DIGITS, *_OF_MACHINES)),
)
"""ISO 8601 first; where day and month cannot be told apart, the month first."""
_SHORTEST, _LONGEST = 6, 40


def possible(cell: str) -> list[Date]:
    """By which a cell is a date, the most usual first."""
    # All formats have three parts, or eight digits; strptime asked for each is slow.
    if not _SHORTEST <= len(cell) <= _LONGEST or not any(map(str.isdigit, cell)):
        return []
    return [kind for kind in _KINDS if reads(kind, cell)]


def reads(kind: Date, cell: str) -> bool:
    """Whether the cell is a date so."""
    digits = _DIGITS.get(kind.format or "")
    if digits and not (len(cell) == digits and cell.isdigit() and cell.startswith(_CENTURIES)):
        return False
    try:
        return kind.value(cell) is not None
    except CellError:
        return False
