"""Dates and times of day."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping, Sequence
from typing import ClassVar, Literal

import pydantic

from documents.features import Input, Seen
from models.features.cells import NOTHING, Cell, CellError, shown, text_of
from models.features.kind import FeatureKind
from models.features.middle import middle

UNIX = {"unix": 1, "unix_ms": 10**3, "unix_us": 10**6, "unix_ns": 10**9}
"""Formats of numbers that count from 1970 on, and how many of what they count make a second."""

# Every form of ISO 8601 that tables hold; Python 3.10's fromisoformat knows only its own.
_ISO = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)"
    r"(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,]\d+)?)?\s*(Z|UTC|GMT|[+-]\d\d:?(?:\d\d)?)?)?",
    re.ASCII,
)
_MIDNIGHT = b"T00:00:00"
_MOST_SECONDS = 253_402_300_799
"""Of the year 9999."""
_EDGES = ("0001-01-01", "2024-02-29T23:59:59", "9999-12-31T23:59")
_OTHERS = (
    *(b"0000-01-01", b"1600-02-29", b"1900-03-01T06:00", b"2000-02-29", b"2028-02-29T12:00"),
    *(b"2100-03-01", b"2023-02-29", b"2024-02-30", b"2024-04-31", b"2024-00-10", b"2024-13-01"),
    *(b"2024-05-00", b"2024-05-06T24:00", b"2024-05-06T09:60:00"),
)
_ILLEGAL = (
    *("yesterday", "26-01-01", "2024-02-29x", "31.12.2024", "1709164800"),
    *("2024-02-29T10:00Z", "2024-02-29T10:00:00+02:00"),
)
_EPOCH = datetime.datetime(1970, 1, 1)


class Date(FeatureKind):
    """One moment a row, held as `2026-11-25T13:45:00`, in UTC where a zone is given."""

    STORED: ClassVar[str] = "BYTES"

    kind: Literal["date"]
    format: str | None = pydantic.Field(None, min_length=1, max_length=100)
    """As Python's strptime has it, e.g. %d.%m.%Y, or one of UNIX; None for ISO 8601."""
    default: str | None = None
    """What a request may leave out, in ISO 8601."""

    @pydantic.field_validator("format")
    @classmethod
    def _format_reads_dates(cls, form: str | None) -> str | None:
        if form is None or form in UNIX:
            return form
        moment = datetime.datetime(2001, 2, 3, 4, 5, 6, tzinfo=datetime.timezone.utc)
        try:
            read = datetime.datetime.strptime(moment.strftime(form), form)
        except (ValueError, re.error) as error:
            raise ValueError(f"it is no format of dates ({error}); e.g. %d.%m.%Y") from error
        if read.date() != moment.date():
            raise ValueError("it does not hold year, month and day; e.g. %d.%m.%Y")
        return form

    @pydantic.field_validator("default")
    @classmethod
    def _default_is_a_date(cls, default: str | None) -> str | None:
        try:
            return default and _written(_from_iso(default))
        except CellError as error:
            raise ValueError(f"it {error}") from error

    def served(self, name: str, *, alone: bool) -> Input:
        """See FeatureKind."""
        return Input(name=name, dtype="DT_STRING", shape=(-1,), missing="")

    def seen(self, values: Sequence[bytes]) -> Seen | None:
        """See FeatureKind; when, and whether there are times of day."""
        if not values:
            return None
        low, high = middle(values)
        whole = all(value.endswith(_MIDNIGHT) for value in values)
        return Seen(low=low.decode(), high=high.decode(), whole=whole)

    def edges(self) -> Mapping[str, bytes]:
        """See FeatureKind."""
        return {**{f"= {moment}": moment.encode() for moment in _EDGES}, "empty": b""}

    def variants(self, value: bytes) -> Sequence[bytes]:
        """See FeatureKind; as clients may write a moment, of other years, months and hours, and
        what no calendar has and the model takes all the same."""
        day, rest = value[:10], value[4:]
        times = (b"", b"T00:00", b" 00:00:00", b"T06:30", b" 23:59:59", b"T12:00:01")
        years = (b"1066", b"1899", b"1900", b"1969", b"1970", b"2000", b"2038", b"2100", b"2999")
        days = (b"-01-01", b"-02-28", b"-03-01", b"-12-31")
        return [
            *(day + time for time in times),
            *(year + rest for year in years),
            *(value[:4] + other + value[10:] for other in days),
            *_OTHERS,
        ]

    def illegal(self) -> Mapping[str, bytes]:
        """See FeatureKind."""
        return {f"= {text}": text.encode() for text in _ILLEGAL}

    def value(self, cell: Cell) -> bytes | None:
        """See FeatureKind; `NA`, `NaN`, `null` and nothing are missing."""
        if cell is None or cell != cell:  # NaN and NaT, in a table with types
            return None
        return _written(self._moment(cell)).encode() if not _is_nothing(cell) else None

    def seconds(self, cell: Cell) -> float | None:
        """Since 1970, in UTC; None when it is missing. Raises CellError as `value`."""
        if self.value(cell) is None:
            return None
        return (self._moment(cell) - _EPOCH).total_seconds()

    def _moment(self, cell: Cell) -> datetime.datetime:
        if isinstance(cell, datetime.datetime):
            return _utc(cell)
        if isinstance(cell, datetime.date):
            return datetime.datetime.combine(cell, datetime.time())
        if isinstance(cell, bytes):
            cell = cell.decode("utf-8", "replace")
        if self.format in UNIX:
            return _from_number(cell, UNIX[self.format])
        if self.format and isinstance(cell, (int, float)) and not isinstance(cell, bool):
            cell = text_of(cell)  # 20260131
        if not isinstance(cell, str):
            raise CellError(f"holds {shown(cell)}, which is no date; set its format to unix?")
        if self.format is None:
            return _from_iso(cell.strip())
        try:
            return _utc(datetime.datetime.strptime(cell.strip(), self.format))
        except (ValueError, OverflowError) as error:
            raise CellError(f"holds {shown(cell)}, no date in the format {self.format}") from error


def _is_nothing(cell: Cell) -> bool:
    if isinstance(cell, bytes):
        cell = cell.decode("utf-8", "replace")
    return isinstance(cell, str) and cell.strip().lower() in NOTHING


def _from_iso(text: str) -> datetime.datetime:
    found = _ISO.fullmatch(text)
    if not found:
        raise CellError(f"holds {shown(text)}, no date such as 2026-11-25; declare its format")
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


def _from_number(cell: Cell, per_second: int) -> datetime.datetime:
    try:
        seconds = float(cell) / per_second
        if not abs(seconds) <= _MOST_SECONDS:
            raise ValueError
        return _EPOCH + datetime.timedelta(seconds=int(seconds))
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


def _written(moment: datetime.datetime) -> str:
    # strftime writes the year 800 without its zero on some systems.
    return moment.replace(microsecond=0).isoformat()
