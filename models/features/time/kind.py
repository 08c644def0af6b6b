"""Times of day: departures, openings, measurements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, ClassVar, Literal

import numpy as np
import pydantic

from documents.cells.cell import Cell, CellError
from documents.cells.times import Form, time_of_day, times_of
from documents.features import Input, Seen
from models.features.kind import FeatureKind
from models.features.middle import middle
from models.features.other_texts import NOTHING

_EDGES = ("00:00:00", "00:01", "12:00:00", "23:59", "23:59:59")
_ILLEGAL = (
    *("noon", "24:01", "12:60", "12", "12:00 pm", "2024-02-29T10:00", "-01:00", "12:00x"),
    *("24:00", "25:00", "12:00:60", "12:5", "12:00:5", "12:", "12:00:00.5", "12:00:00,5"),
    *("1345", "945", "13.45", "13h45", "T13:45", "13:45Z", "13:45+02:00"),
    *("12:30 AM", "1:45 PM", "9:00am", " 13:45", "13:45 ", "13:45\n", "13:45\0", " "),
    *NOTHING,
)


class Time(FeatureKind):
    """One time of day a row, held as `14:30:00`."""

    STORED: ClassVar[str] = "BYTES"

    kind: Literal["time"]
    format: Form | None = None
    """`hhmm` where the column has 1345 for 13:45; None where times have colons."""
    missing: Annotated[tuple[str, ...], pydantic.Strict(False)] | None = pydantic.Field(
        None, min_length=1, max_length=100
    )
    """Cells that say that there is no time, beside the words that always do: `closed`."""
    default: str | None = None
    """What a request may leave out."""

    @pydantic.field_validator("default")
    @classmethod
    def _default_is_a_time(cls, default: str | None) -> str | None:
        try:
            return default and time_of_day(default)
        except CellError as error:
            raise ValueError(f"it {error}") from error

    def value(self, cell: Cell) -> bytes | None:
        """See FeatureKind; `14:30`, `07:05:12` and `2:30 pm` are read, seconds left out are 0."""
        found = time_of_day(cell, self.missing, self.format)
        return None if found is None else found.encode()

    @property
    def missing_times(self) -> Sequence[str]:
        """Times that stand for nothing, as examples would hold them."""
        return sorted(times_of(self.missing, self.format))

    def served(self, name: str, *, alone: bool) -> Input:
        """See FeatureKind."""
        return Input(name=name, dtype="DT_STRING", shape=(-1,), missing="")

    def seen(self, values: Sequence[bytes]) -> Seen | None:
        """See FeatureKind; when, and whether seconds are told."""
        if not values:
            return None
        low, high = middle(values)
        whole = all(value.endswith(b":00") for value in values)
        return Seen(low=low.decode(), high=high.decode(), whole=whole)

    def edges(self) -> Mapping[str, bytes]:
        """See FeatureKind."""
        sentinels = {f"= {of}, for missing": of.encode() for of in self.missing_times}
        return {**{f"= {text}": text.encode() for text in _EDGES}, "empty": b"", **sentinels}

    def variants(self, value: bytes) -> Sequence[bytes]:
        """See FeatureKind; as clients may write it, and other times."""
        hour, minute = value[:2], value[3:5]
        return [
            hour + b":" + minute,
            *(
                hour.lstrip(b"0").rjust(1, b"0") + b":" + minute + second
                for second in (b"", b":00", b":07")
            ),
            *(b"%d%b:%02d" % (other, value[2:5], 5 * other) for other in range(10)),
            *(b"%02d%b" % (other, value[2:]) for other in range(24)),
            *(hour + b":" + other + value[5:] for other in (b"00", b"01", b"30", b"59")),
            *(hour + b":" + minute + b":" + other for other in (b"01", b"29", b"31", b"59")),
            *(f"{of[:6]}{(int(of[6:]) + 30) % 60:02}".encode() for of in self.missing_times),
        ]

    def drawn(self, value: bytes, random: np.random.Generator) -> bytes:
        """See FeatureKind; any minute, or second."""
        hour, *rest = (int(random.integers(most)) for most in (24, 60, 60))
        return ":".join(f"{part:02}" for part in (hour, *rest[: random.integers(1, 3)])).encode()

    def illegal(self) -> Mapping[str, bytes]:
        """See FeatureKind."""
        return {f"= {text}": text.encode() for text in _ILLEGAL}
