"""Columns of a table that are the pixels of an image, as MNIST is shared. Pure."""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Sequence
from typing import Any

from components.example_gen.formats.pixels.format import in_order
from pipeline.init.columns.column import Column

_NAME = re.compile(r"(?:pixels?|px)?[ _.-]?\d+(?:[x_]\d+)?", re.IGNORECASE)
"""Such as pixel0, and 1x1."""
_LEAST = 8
"""Pixels of a side."""
_SMALL, _USUAL = 16, 255
"""What white is: in digits of scikit-learn, and elsewhere."""


@dataclasses.dataclass(frozen=True)
class Pixels:
    """Which columns they are, and what they make."""

    names: Sequence[str]
    side: int
    channels: int
    largest: int

    @property
    def settings(self) -> dict[str, Any]:
        """`data.pixels`."""
        found: dict[str, Any] = {"size": [self.side, self.side]}
        found |= {"channels": self.channels} if self.channels > 1 else {}
        return found | ({"largest": self.largest} if self.largest != _USUAL else {})

    @property
    def feature(self) -> dict[str, Any]:
        """The kind as the settings have it."""
        channels = {"channels": self.channels} if self.channels > 1 else {}
        return {"kind": "image", "size": [self.side, self.side], **channels}

    @property
    def said(self) -> str:
        """As a sentence has it."""
        colours = ", of three colours" if self.channels > 1 else ""
        return (
            f"{len(self.names):,} columns, {self.names[0]} to {self.names[-1]}, are read as images"
            f" of {self.side} x {self.side}{colours}"
        )


def pixels_of(features: Sequence[Column]) -> Pixels | None:
    """Those that are called as pixels are and hold whole numbers from 0 to 255; None where they
    make no square."""
    of = [column for column in features if _NAME.fullmatch(column.name)]
    greatest = max((column.greatest for column in of), default=math.inf)
    if not of or greatest > _USUAL or greatest < _SMALL:
        return None
    if not all(column.is_number and column.is_whole and column.least >= 0 for column in of):
        return None
    for channels in (1, 3):
        side = math.isqrt(len(of) // channels)
        if side >= _LEAST and side * side * channels == len(of):
            largest = _SMALL if greatest == _SMALL else _USUAL
            return Pixels(in_order([column.name for column in of]), side, channels, largest)
    return None
