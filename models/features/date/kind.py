"""Dates and times of day."""

from __future__ import annotations

import calendar
import datetime
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, ClassVar, Literal

import numpy as np
import pydantic

from documents.cells import dates
from documents.cells.cell import Cell, CellError
from documents.cells.dates import UNIX
from documents.features import Input, Seen
from models.features.kind import FeatureKind
from models.features.middle import middle
from models.features.other_texts import NOTHING

_MIDNIGHT = b"T00:00:00"
_EDGES = ("0001-01-01", "2024-02-29T23:59:59", "9999-12-31T23:59")
_OTHERS = (
    *(b"0001-01-01", b"1600-02-29", b"1900-03-01T06:00", b"2000-02-29", b"2028-02-29T12:00"),
    *(b"2100-03-01", b"2016-12-31T23:59:59", b"2000-12-31T00:00", b"0400-02-29"),
    *(b"2032-01-20T08:47:30", b"2024-02-05", b"2027-01-01", b"2025-12-31T23:59:59"),
)
_DECADES = tuple(
    b"%04d" % year
    for year in (
        *(1066, 1899, 1900, 1907, 1917, 1928, 1935, 1944, 1956, 1963, 1969, 1970, 1975, 1986),
        *(1994, 2000, 2006, 2015, 2038, 2049, 2052, 2061, 2068, 2077, 2085, 2093, 2100, 2150),
        *(2260, 2543, 2999),
    )
)
"""One in each decade to which years of two digits may be taken, and others."""
_NO_NOTHING = (b"1970-01-01", b"1900-01-01", b"1899-12-30", b"1904-01-01", b"2000-01-01")
"""Where programs begin to count, which is missing elsewhere, and a day here."""
_FAR = (50, 50, 200, 10_000)
"""Up to how many years from those of the data moments drawn by chance are, one as often as
another."""
_YEARS = (-30, -10, -5, -2, -1, 1, 2, 3, 4, 5, 10, 20)
"""From those of the data."""
_ILLEGAL = (
    *("yesterday", "26-01-01", "2024-02-29x", "31.12.2024", "1709164800"),
    *("2024-02-29T10:00Z", "2024-02-29T10:00:00+02:00", "2024-02-29T10:00:00.000", "2024/02/29"),
    *("20240229", "2024-2-9", "2024-02-29t10:00", " 2024-02-29", "2024-02-29 ", "2024-02-29\n"),
    *("2024-02-29T10", "2024-02", "12:00", " ", "NaT", "-2024-02-29", "12024-02-29"),
    *("2023-02-29", "1900-02-29", "2024-02-30", "2024-04-31", "2024-00-10", "2024-13-01"),
    *("2024-05-00", "2024-05-32", "2024-05-06T24:00", "2024-05-06T09:60:00", "0000-00-00"),
    *("2016-12-31T23:59:60", "0000-01-01", "0000-02-29", "2100-02-29"),
    # With a zone, or parts of a second, whichever way.
    *("2024-02-29T10:00:00Z", "2024-02-29T10:00-05:00", "2024-02-29T10:00+0200"),
    *("2024-02-29 10:00 UTC", "2024-02-29T10:00:00,5", "2024-02-29T10:00:00.000000"),
    *NOTHING,
    *("2024-2-29", "2024-02-9", "2024-02-29T9:00", "2024-02-29T1000", "2024-02-29 10:00 pm"),
    *("2024.02.29", "02/29/2024", "2024-W09-4", "Thu, 2024-02-29", "1709164800000"),
    *("2024-02-29  10:00", "2024-02-29_10:00", '"2024-02-29"', "2024-02-29\0"),
    *("\uff12\uff10\uff12\uff14-02-29", "2024\u201302\u201329"),
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
        times = (
            *(b"", b"T00:00", b" 00:00:00", b"T06:30", b" 23:59:59", b"T12:00:01", b"T17:52:07"),
            *(b"T%02d:%02d" % (hour, hour * 7 % 60) for hour in range(24)),
        )
        days = (b"-01-01", b"-02-28", b"-03-01", b"-08-31", b"-12-24", b"-12-31")
        if not (year := value[:4]).isdigit():
            year = b"2000"
        near = (
            b"%04d-%02d%b" % (min(max(int(year) + far, 1), 9999), 1 + (place * 5) % 12, value[7:])
            for place, far in enumerate(_YEARS)
        )
        return [
            *map(_existing, near),
            *(day + time for time in times),
            *(_existing(year + rest) for year in _DECADES),
            *(value[:4] + other + value[10:] for other in days),
            *(value[:4] + other for other in (b"-05-31", b"-10-31T09:45", b"-11-11 18:20")),
            *map(_existing, _turns_of_clocks(int(year))),
            *_OTHERS,
            *_NO_NOTHING,
            *map(_existing, self._beside()),
        ]

    def drawn(self, value: bytes, random: np.random.Generator) -> bytes:
        """See FeatureKind; any moment, half of them within a few decades of the data, with as much
        of its time as somebody may write."""
        year, far = int(value[:4]) if value[:4].isdigit() else 2000, _FAR[random.integers(4)]
        year = int(random.integers(max(year - far, 1), min(year + far, 9999) + 1))
        month = int(random.integers(1, 13))
        day = int(random.integers(calendar.monthrange(year, month)[1])) + 1
        hour, *rest = (int(random.integers(most)) for most in (24, 60, 60))
        times = (f"{hour:02}:{rest[0]:02}", f"{hour:02}:00", f"{hour:02}:{rest[0]:02}:{rest[1]:02}")
        text = f"{year:04}-{month:02}-{day:02}"
        if random.random() < 0.8:
            text += f"{'T '[random.integers(2)]}{times[random.integers(len(times))]}"
        return text.encode()

    def _beside(self) -> Iterator[bytes]:
        """What is missing to a program that looks at the day, or at the year, alone."""
        for moment in self.missing_moments:
            year, rest = moment[:4], moment[10:]
            yield f"{moment[:10]}T11:30:00".encode()
            yield f"{year}-{'02-02' if moment[5:10] != '02-02' else '03-03'}{rest}".encode()

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


def _turns_of_clocks(year: int) -> Iterator[bytes]:
    """In the hour that clocks leave out and the one that they have twice, in Europe and in North
    America: hours like any other here, where all times are of one zone."""
    for month, sunday, time in (
        (3, -1, "02:30"),
        (10, -1, "02:30"),
        (3, 1, "02:30"),
        (11, 0, "01:30"),
    ):
        days = [week[calendar.SUNDAY] for week in calendar.monthcalendar(max(year, 1), month)]
        yield f"{max(year, 1):04}-{month:02}-{[*filter(None, days)][sunday]:02}T{time}".encode()


def _existing(value: bytes) -> bytes:
    """The moment, on the 28th where its month has no such day."""
    try:
        dates.from_iso(value.decode())
    except CellError:
        return value[:8] + b"28" + value[10:]
    return value
