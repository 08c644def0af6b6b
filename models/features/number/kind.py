"""Numbers: prices, counts, measurements."""

from __future__ import annotations

import datetime
import decimal
import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import pydantic

from documents.features import Input, Seen
from models.features.cells import NOTHING, Cell, CellError, shown
from models.features.kind import FeatureKind
from models.features.middle import middle
from models.features.number.notation import Notation

if TYPE_CHECKING:
    from tensorflow_metadata.proto.v0 import schema_pb2

LARGEST = 2.0**128 - 2.0**104
"""Of float32, which is what an example holds."""
_FAR = 1e30
_LEAST = 2.0**-149
"""The least float32 above zero."""
EXACT = 2**53
"""Whole numbers beyond are no longer told apart."""


class Number(Notation, FeatureKind):
    """One finite float32 a row. What reads like a name, such as 00501, is refused."""

    STORED: ClassVar[str] = "FLOAT"

    kind: Literal["number"]
    min: float | None = None
    """The least value that is taken for sound."""
    max: float | None = None
    """The greatest."""
    default: float | None = None
    """What a request may leave out."""

    @pydantic.model_validator(mode="after")
    def _limits_in_order(self) -> Number:
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError(f"min = {self.min:g} is greater than max = {self.max:g}")
        return self

    def schema_feature(self, name: str) -> schema_pb2.Feature:
        """See FeatureKind; within `min` and `max`."""
        feature = super().schema_feature(name)
        if self.min is not None:
            feature.float_domain.min = self.min
        if self.max is not None:
            feature.float_domain.max = self.max
        return feature

    def served(self, name: str, *, alone: bool) -> Input:
        """See FeatureKind."""
        return Input(name=name, dtype="DT_FLOAT", shape=(-1,), missing="NaN")

    def seen(self, values: Sequence[float]) -> Seen | None:
        """See FeatureKind; where numbers lie, and whether they are counts."""
        if not values:
            return None
        low, high = middle(values)
        return Seen(low=low, high=high, whole=all(float(value).is_integer() for value in values))

    def edges(self) -> Mapping[str, float]:
        """See FeatureKind."""
        # What stands in an example for a value that is missing, as in a column of a request.
        far = {f"= {value:g}": value for value in (0.0, -_FAR, _FAR)}
        return {**far, "= NaN": math.nan}

    def variants(self, value: float) -> Sequence[float]:
        """See FeatureKind; of another sign, unit and magnitude, as far as float32 goes."""
        others = (-value, value / 100, value * 100, value * 1.08, value + 1, float(round(value)))
        fixed = (-0.0, 1.0, -1.0, _LEAST, LARGEST, -LARGEST)
        return [other for other in (*others, *fixed) if abs(other) <= LARGEST]

    def value(self, cell: Cell) -> float | None:
        """See FeatureKind; what NOTHING holds is missing. A duration counts in seconds."""
        if cell is None:
            return None
        if isinstance(cell, datetime.timedelta):
            cell = cell.total_seconds()
        elif isinstance(cell, decimal.Decimal):
            cell = int(cell) if _is_long(cell) else float(cell)
        if isinstance(cell, (int, float)):
            return _bounded(cell, cell)
        if isinstance(cell, bytes):
            cell = cell.decode("utf-8", "replace")
        if not isinstance(cell, str):
            raise CellError(f"holds a {type(cell).__name__}, which is no number")
        text = cell.strip()
        if text.lower() in NOTHING:
            return None
        plain = self.plain(text)
        return _bounded(float(plain), plain)


def _is_long(number: decimal.Decimal) -> bool:
    """Whether it is a whole number that floats may not tell from its neighbours."""
    return number.is_finite() and abs(number) >= EXACT and number == number.to_integral_value()


def _bounded(number: Any, cell: Any) -> float | None:
    if isinstance(number, float) and math.isnan(number):
        return None
    if abs(number) > LARGEST:
        raise CellError(f"holds {shown(cell)}, which is more than float32 does")
    is_whole = isinstance(cell, int) or (isinstance(cell, str) and cell.lstrip("+-").isdigit())
    if is_whole and abs(number) >= EXACT:
        raise CellError(
            f"holds {shown(cell)}, more digits than a number keeps; make the column a category"
        )
    return float(number)
