"""Numbers: prices, counts, measurements."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
import pydantic

from documents.cells.cell import Cell
from documents.cells.notation import Notation
from documents.cells.numbers import LARGEST, number
from documents.features import Input, Seen
from models.features.kind import FeatureKind
from models.features.middle import middle

if TYPE_CHECKING:
    from tensorflow_metadata.proto.v0 import schema_pb2

_FAR = 1e30
_LEAST = 2.0**-149
"""The least float32 above zero."""
_NEGATIVE_NAN = -math.nan
"""What 0/0 is on many machines."""
_BESIDE = 0.25
"""How far from what stands for nothing a number is told apart, whatever a program rounds."""
_NO_NOTHING = (-999.0, -9_999.0, 999.0, 9_999.0, 99_999.0, -99.0, 99.0)
"""Missing elsewhere, and numbers here."""
_TIMES = (
    *(1e-6, 1e-5, 1e-3, 0.01, 0.1, 0.5, 2.0, 3.0, 5.0, 10.0, 30.0, 100.0, 300.0, 1e3, 3e3, 1e4),
    *(1e5, 1e6, 1e7, 1e8, 1e9),
    *(-0.05, -2.0, -5.0, -10.0, -50.0, -300.0, -1e3, -1e4, -1e5, -1e7),
)
"""What is a little beyond the data, of another unit, and far away on either side, with no decade
left out that is near them."""
_DECADES = (-2.0, 4.0)
"""Between which numbers are drawn by chance, times those of the data."""
_NEAR = (-0.5, 0.8)
"""The same for half of them: a range that is narrow lies where most questions will."""
_ANY, _FAR_AWAY = (-44.0, 38.0), 0.1
"""Decades of float32, and the share of numbers that are of any of them, whatever the data are."""
_ROUND = (2.0, 10.0, 20.0, 100.0, 1_000.0, 2_000.0)
"""As people say numbers, whatever those of the data are."""
_LIMITS = (
    *(128.0, 255.0, 256.0, 32_768.0, 65_536.0, 16_777_216.0, 2_147_483_648.0, -129.0, -32_769.0),
    *(1_700_000_000.0, 1_700_000_000_000.0, 2_024.0, 1e-40),
)
"""Next to where types of fewer bits end, and moments as computers count them."""


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
        sentinels = {f"= {value:g}, for missing": value for value in self.missing_numbers}
        return {**far, "= NaN": math.nan, "= -NaN": _NEGATIVE_NAN, **sentinels}

    def variants(self, value: float) -> Sequence[float]:
        """See FeatureKind; of another sign, unit and magnitude, as far as float32 goes; and beside
        what stands for nothing."""
        within = (math.floor(value) + part for part in (0.5, 0.99))
        others = (-value, value * 1.08, value + 1, float(round(value)), *within)
        scaled = (value * times for times in _TIMES)
        fixed = (-0.0, 1.0, -1.0, _LEAST, LARGEST, -LARGEST, *_ROUND, *_LIMITS, *_NO_NOTHING)
        beside = (
            other
            for sentinel in sorted(self.missing_numbers)
            for other in (sentinel + _BESIDE, sentinel - _BESIDE, -sentinel)
        )
        found = (*others, *scaled, *fixed, *beside)
        return [other for other in found if abs(other) <= LARGEST]

    def drawn(self, value: float, random: np.random.Generator) -> float:
        """See FeatureKind; of either sign and of any magnitude near those of the data, with as many
        digits as somebody may write."""
        near, far = (chance := random.random()) < 0.5, chance > 1 - _FAR_AWAY
        size = 1.0 if far else abs(value) or 1.0
        size *= 10 ** random.uniform(*(_ANY if far else _NEAR if near else _DECADES))
        digits = int(random.integers(-1, 4)) - math.floor(math.log10(size))
        found = (round(size * 4) / 4, round(size, 2), float(round(size)), round(size, digits), size)
        # Of those near the data some are whole, as counts are.
        drawn = found[random.integers(2 if near else 0, len(found))]
        return math.copysign(float(np.float32(min(drawn, LARGEST))), random.uniform(-0.3, 0.7))

    def order(self, value: float) -> tuple[bool, float]:
        """See FeatureKind; what is not a number comes last."""
        return (True, 0.0) if math.isnan(value) else (False, value)

    def value(self, cell: Cell) -> float | None:
        """See FeatureKind; what NOTHING and `missing` hold is missing. A duration counts in
        seconds."""
        return number(cell, self)
