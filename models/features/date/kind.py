"""Dates and times of day."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping, Sequence
from typing import Annotated, ClassVar, Literal

import pydantic

from documents.cells import dates
from documents.cells.cell import Cell, CellError
from documents.cells.dates import UNIX
from documents.features import Input, Seen
from models.features.kind import FeatureKind
from models.features.middle import middle

_MIDNIGHT = b"T00:00:00"
_EDGES = ("0001-01-01", "2024-02-29T23:59:59", "9999-12-31T23:59")
_OTHERS = (
    *(b"0001-01-01", b"1600-02-29", b"1900-03-01T06:00", b"2000-02-29", b"2028-02-29T12:00"),
    *(b"2100-03-01", b"2016-12-31T23:59:59", b"2000-12-31T00:00", b"0400-02-29"),
    *(b"2032-01-20T08:47:30", b"2024-02-05", b"2027-01-01", b"2025-12-31T23:59:59"),
)
_YEARS = (-30, -10, -5, -2, -1, 1, 2, 3, 4, 5, 10, 20)
"""From those of the data."""
_ILLEGAL = (
    *("yesterday", "26-01-01", "2024-02-29x", "31.12.2024", "1709164800"),
    *("2024-02-29T10:00Z", "2024-02-29T10:00:00+02:00", "2024-02-29T10:00:00.000", "2024/02/29"),
    *("20240229", "2024-2-9", "2024-02-29t10:00", " 2024-02-29", "2024-02-29 ", "2024-02-29\n"),
    *("2024-02-29T10", "2024-02", "12:00", " ", "NaT", "-2024-02-29", "12024-02-29"),
    *("2023-02-29", "1900-02-29", "2024-02-30", "2024-04-31", "2024-00-10", "2024-13-01"),
    *("2024-05-00", "2024-05-32", "2024-05-06T24:00", "2024-05-06T09:60:00", "0000-00-00"),
    *("2016-12-31T23:59:60", "0000-01-01", "0000-02-29"),
)


class Date(FeatureKind):
    """One moment a row, held as `2026-11-25T13:45:00`, in UTC where a zone is given."""

    STORED: ClassVar[str] = "BYTES"

    kind: Literal["date"]
    format: str | None = pydantic.Field(None, min_length=1, max_length=100)
    """As Python's strptime has it, e.g. %d.%m.%Y, or one of UNIX; None for ISO 8601."""
    missing: Annotated[tuple[str, ...], pydantic.Strict(False)] | None = pydantic.Field(
        None, min_length=1, max_length=100
    )
    """Cells that say that there is no date, beside the words that always do: `00.00.0000`."""
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
            return default and dates.written(dates.from_iso(default))
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
        sentinels = {f"= {of}, for missing": of.encode() for of in self.missing_moments}
        return {**{f"= {of}": of.encode() for of in _EDGES}, "empty": b"", **sentinels}

    def variants(self, value: bytes) -> Sequence[bytes]:
        """See FeatureKind; as clients may write a moment, of other years, months and hours."""
        day, rest = value[:10], value[4:]
        times = (b"", b"T00:00", b" 00:00:00", b"T06:30", b" 23:59:59", b"T12:00:01", b"T17:52:07")
        years = (b"1066", b"1899", b"1900", b"1969", b"1970", b"2000", b"2038", b"2100", b"2999")
        days = (b"-01-01", b"-02-28", b"-03-01", b"-12-31")
        if not (year := value[:4]).isdigit():
            year = b"2000"
        near = (
            b"%04d-%02d%b" % (min(max(int(year) + far, 1), 9999), 1 + (place * 5) % 12, value[7:])
            for place, far in enumerate(_YEARS)
        )
        return [
            *map(_existing, near),
            *(day + time for time in times),
            *(_existing(year + rest) for year in years),
            *(value[:4] + other + value[10:] for other in days),
            *_OTHERS,
        ]

    def illegal(self) -> Mapping[str, bytes]:
        """See FeatureKind."""
        return {f"= {text}": text.encode() for text in _ILLEGAL}

    def value(self, cell: Cell) -> bytes | None:
        """See FeatureKind; `NA`, `NaN`, `null`, nothing, and what `missing` holds are missing."""
        found = dates.moment(cell, self.format, self.missing)
        return None if found is None else dates.written(found).encode()

    @property
    def missing_moments(self) -> Sequence[str]:
        """Dates that stand for nothing, as examples would hold them."""
        return sorted(map(dates.written, dates.moments_of(self.format, self.missing)))

    def seconds(self, cell: Cell) -> float | None:
        """Since 1970, in UTC; None when it is missing. Raises CellError as `value`."""
        found = dates.moment(cell, self.format, self.missing)
        return None if found is None else (found - dates.EPOCH).total_seconds()


def _existing(value: bytes) -> bytes:
    """The moment, on the 28th where its month has no such day."""
    try:
        dates.from_iso(value.decode())
    except CellError:
        return value[:8] + b"28" + value[10:]
    return value
