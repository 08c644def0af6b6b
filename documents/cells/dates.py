"""From a cell to a moment."""

from __future__ import annotations

import contextlib
import datetime
import functools
import re
from collections.abc import Collection

from documents.cells.cell import Cell, CellError, shown, text_of
from documents.cells.nothing import says_nothing

UNIX = {"unix": 1, "unix_ms": 10**3, "unix_us": 10**6, "unix_ns": 10**9}
"""Formats of numbers that count from 1970 on, and how many of what they count make a second."""
EPOCH = datetime.datetime(1970, 1, 1)

# Every form of ISO 8601 that tables hold; Python 3.10's fromisoformat knows only its own.
_ISO = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)"
    r"(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,]\d+)?)?\s*(Z|UTC|GMT|[+-]\d\d:?(?:\d\d)?)?)?",
    re.ASCII,
)
_USUAL = (
    (re.compile(r"\d{1,2}\.\d{1,2}\.\d{4}", re.ASCII), "'%d.%m.%Y'"),
    (re.compile(r"\d{4}/\d{1,2}/\d{1,2}", re.ASCII), "'%Y/%m/%d'"),
    (re.compile(r"\d{1,2}/\d{1,2}/\d{4}", re.ASCII), "'%d/%m/%Y', or '%m/%d/%Y'"),
    (re.compile(r"\d{8}", re.ASCII), "'%Y%m%d'"),
    (re.compile(r"\d{10}", re.ASCII), "unix"),
    (re.compile(r"\d{13}", re.ASCII), "unix_ms"),
)
_MOST_SECONDS = 253_402_300_799
"""Of the year 9999."""


def moment(
    cell: Cell, form: str | None = None, missing: Collection[str] | None = None
) -> datetime.datetime | None:
    """When it is, in UTC where a zone is given and without one; None where it is missing.

    Args:
      form: as Python's strptime has it, or one of UNIX; None for ISO 8601.
      missing: cells that are so, beside those that NOTHING holds; dates among them are meant
        however they are written.

    Raises:
      CellError: the cell holds something else.
    """
    if cell is None or cell != cell:  # NaN and NaT, in a table with types
        return None
    if isinstance(cell, bytes):
        cell = cell.decode("utf-8", "replace")
    if isinstance(cell, str) and says_nothing(cell, missing):
        return None
    return present(_read(cell, form), form, missing)


def present(
    moment: datetime.datetime, form: str | None, missing: Collection[str] | None
) -> datetime.datetime | None:
    """The moment; None where it is one of those that `missing` has."""
    return None if missing and _second(moment) in moments_of(form, missing) else moment


def moments_of(form: str | None, missing: Collection[str] | None) -> Collection[datetime.datetime]:
    """Which moments, to the second, stand for nothing: those of `missing` that are dates."""
    return _moments_of(form, tuple(missing or ()))


@functools.lru_cache(maxsize=1_024)
def _moments_of(form: str | None, missing: tuple[str, ...]) -> frozenset[datetime.datetime]:
    found = set()
    for word in missing:
        with contextlib.suppress(CellError):
            moment = asked(word, form)
            found |= {_second(moment)} if moment else set()
    return frozenset(found)


def _second(moment: datetime.datetime) -> datetime.datetime:
    return moment.replace(microsecond=0)


def _read(cell: Cell, form: str | None) -> datetime.datetime:
    """What is there. Raises CellError."""
    if isinstance(cell, datetime.datetime):
        return _utc(cell)
    if isinstance(cell, datetime.date):
        return datetime.datetime.combine(cell, datetime.time())
    if form in UNIX:
        return _from_number(cell, UNIX[form])
    if form and isinstance(cell, (int, float)) and not isinstance(cell, bool):
        cell = text_of(cell)  # 20260131
    if not isinstance(cell, str):
        raise CellError(f"holds {shown(cell)}, which is no date", "; set its format to unix?")
    if form is None:
        return from_iso(cell.strip())
    try:
        return _utc(datetime.datetime.strptime(cell.strip(), form))
    except (ValueError, OverflowError) as error:
        raise CellError(f"holds {shown(cell)}, no date in the format {form}") from error


def asked(
    cell: Cell, form: str | None = None, missing: Collection[str] | None = None
) -> datetime.datetime | None:
    """As `moment`; for whoever asks a model, who may write ISO 8601 too where the format can take
    no such date for another one."""
    try:
        return moment(cell, form, missing)
    except CellError:
        if form is None or not isinstance(cell, str) or _reads_iso(form):
            raise
        with contextlib.suppress(CellError):
            return present(from_iso(cell.strip()), form, missing)
        raise


def written(moment: datetime.datetime) -> str:
    """As examples and requests hold it: `2026-11-25T13:45:00`."""
    # strftime writes the year 800 without its zero on some systems.
    return _second(moment).isoformat()


def _like(text: str) -> str:
    """Which format that may be; "" of a writing that is not usual."""
    return next((f", e.g. {form}" for usual, form in _USUAL if usual.fullmatch(text)), "")


def from_iso(text: str) -> datetime.datetime:
    """The moment that ISO 8601 writes so. Raises CellError for anything else."""
    found = _ISO.fullmatch(text)
    if not found:
        raise CellError(
            f"holds {shown(text)}, no date such as 2026-11-25", f"; declare its format{_like(text)}"
        )
    numbers = [int(part or 0) for part in found.groups()[:6]]
    try:
        moment = datetime.datetime(*numbers)  # type: ignore[arg-type]
        zone = (found[7] or "Z").replace(":", "")
        if zone[0] in "+-":
            offset = datetime.timedelta(hours=int(zone[1:3]), minutes=int(zone[3:] or 0))
            moment += -offset if zone[0] == "+" else offset
    except (ValueError, OverflowError) as error:
        raise CellError(f"holds {shown(text)}, a day or time that does not exist") from error
    return moment


@functools.lru_cache(maxsize=1_024)
def _reads_iso(form: str) -> bool:
    """Whether a format takes a date of ISO 8601 for another one."""
    for text in ("2001-02-03", "2001-02-03T04:05", "2001-02-03T04:05:06", "2001-02-03 04:05:06"):
        with contextlib.suppress(ValueError):
            if datetime.datetime.strptime(text, form) != from_iso(text):
                return True
    return False


def _from_number(cell: Cell, per_second: int) -> datetime.datetime:
    try:
        if isinstance(cell, bool) or (isinstance(cell, str) and "_" in cell):
            raise ValueError  # Python has numbers of these, and nobody else.
        seconds = float(cell) / per_second
        if not abs(seconds) <= _MOST_SECONDS:
            raise ValueError
        return EPOCH + datetime.timedelta(seconds=int(seconds))
    except (ValueError, TypeError, OverflowError) as error:
        what = "seconds" if per_second == 1 else f"1/{per_second:,} seconds"
        raise CellError(f"holds {shown(cell)}, no number of {what} since 1970") from error


def _utc(moment: datetime.datetime) -> datetime.datetime:
    if moment.tzinfo is None:
        return moment
    try:
        return moment.astimezone(datetime.timezone.utc).replace(tzinfo=None)
    except (ValueError, OverflowError) as error:
        raise CellError(f"holds {shown(moment)}, a time that no calendar has") from error
