"""From a cell to a time of day."""

from __future__ import annotations

import contextlib
import datetime
import functools
import re
from collections.abc import Collection

from documents.cells.cell import Cell, CellError, shown
from documents.nothing import says_nothing

_CLOCK = re.compile(
    r"(\d\d?):(\d\d)(?::(\d\d)(?:[.,]\d+)?)?(?:\s*([AaPp])\.?[Mm]\.?)?(?: ?(?:h|Uhr))?", re.ASCII
)
_NOON = 12


def time_of_day(cell: Cell, missing: Collection[str] | None = None) -> str | None:
    """The text `14:30:00` of `14:30`, `2:30 pm` or `14:30:00.5`; None where it is missing.

    Args:
      missing: cells that are so, beside those that NOTHING holds; times among them are meant
        however they are written.

    Raises:
      CellError: the cell holds something else.
    """
    if cell is None or cell != cell:  # NaT, in a table with types
        return None
    if isinstance(cell, bytes):
        cell = cell.decode("utf-8", "replace")
    if isinstance(cell, str) and says_nothing(cell, missing):
        return None
    found = _read(cell)
    return None if missing and found in times_of(missing) else found


def times_of(missing: Collection[str] | None) -> Collection[str]:
    """Which times, such as `00:00:00`, stand for nothing: those of `missing` that are some."""
    return _times_of(tuple(missing or ()))


@functools.lru_cache(maxsize=1_024)
def _times_of(missing: tuple[str, ...]) -> frozenset[str]:
    found = set()
    for word in missing:
        # Where 24:00 is nothing, 00:00 still is midnight.
        with contextlib.suppress(CellError):
            found |= set() if word.strip().startswith("24") else {time_of_day(word)}
    return frozenset(filter(None, found))


def _read(cell: Cell) -> str:
    """What is there. Raises CellError."""
    if isinstance(cell, datetime.time):
        return cell.replace(microsecond=0, tzinfo=None).isoformat()
    if not isinstance(cell, str):
        raise CellError(f"holds {shown(cell)}, which is no time of day such as 14:30")
    found = _CLOCK.fullmatch(cell.strip())
    hour, minute, second = (int(part or 0) for part in found.groups()[:3]) if found else (99, 0, 0)
    if found and found[4]:
        is_of_clock = 1 <= hour <= _NOON
        hour = hour % _NOON + _NOON * (found[4] in "Pp") if is_of_clock else 99
    if hour == 24 and not (minute or second):
        hour = 0  # how some write midnight
    try:
        return datetime.time(hour, minute, second).isoformat()
    except ValueError as error:
        raise CellError(f"holds {shown(cell)}, which is no time of day such as 14:30") from error
