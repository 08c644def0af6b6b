"""From a cell to a time of day."""

from __future__ import annotations

import datetime
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
      missing: cells that are so, beside those that NOTHING holds.

    Raises:
      CellError: the cell holds something else.
    """
    if cell is None or cell != cell:  # NaT, in a table with types
        return None
    if isinstance(cell, datetime.time):
        return cell.replace(microsecond=0, tzinfo=None).isoformat()
    if isinstance(cell, bytes):
        cell = cell.decode("utf-8", "replace")
    if not isinstance(cell, str):
        raise CellError(f"holds {shown(cell)}, which is no time of day such as 14:30")
    if says_nothing(cell, missing):
        return None
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
