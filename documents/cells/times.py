"""From a cell to a time of day."""

from __future__ import annotations

import contextlib
import datetime
import decimal
import functools
import re
from collections.abc import Collection
from typing import Literal

from documents.cells.cell import Cell, CellError, shown, text_of
from documents.cells.nothing import says_nothing

_CLOCK = re.compile(
    r"(\d\d?):(\d\d)(?::(\d\d)(?:[.,]\d+)?)?(?:\s*([AaPp])\.?[Mm]\.?)?(?: ?(?:h|Uhr))?", re.ASCII
)
_NOON = 12
Form = Literal["hhmm"]
"""How a column writes times beside those with a colon: 1345, and 517 or 0517 early."""
_HHMM = re.compile(r"(\d{0,2}?)(\d{1,2})(?:\.0*)?", re.ASCII)


def time_of_day(
    cell: Cell, missing: Collection[str] | None = None, form: Form | None = None
) -> str | None:
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
    if form and isinstance(cell, (int, float, decimal.Decimal)) and not isinstance(cell, bool):
        cell = text_of(cell)
    if isinstance(cell, str) and says_nothing(cell, missing):
        return None
    found = _read(cell, form)
    return None if missing and found in times_of(missing, form) else found


def times_of(missing: Collection[str] | None, form: Form | None = None) -> Collection[str]:
    """Which times, such as `00:00:00`, stand for nothing: those of `missing` that are some."""
    return _times_of(tuple(missing or ()), form)


@functools.lru_cache(maxsize=1_024)
def _times_of(missing: tuple[str, ...], form: Form | None) -> frozenset[str]:
    found = set()
    for word in missing:
        # Where 24:00 is nothing, 00:00 still is midnight.
        with contextlib.suppress(CellError):
            found |= set() if word.strip().startswith("24") else {time_of_day(word, None, form)}
    return frozenset(filter(None, found))


def _read(cell: Cell, form: Form | None) -> str:
    """What is there. Raises CellError."""
    if isinstance(cell, datetime.time):
        return cell.replace(microsecond=0, tzinfo=None).isoformat()
    if not isinstance(cell, str):
        raise CellError(f"holds {shown(cell)}, which is no time of day such as 14:30")
    text = cell.strip()
    if form and (digits := _HHMM.fullmatch(text)):
        text = f"{digits[1] or 0}:{digits[2]:0>2}"
    found = _CLOCK.fullmatch(text)
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
