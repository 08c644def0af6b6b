"""Parts that all charts are drawn of, in units of their SVG frame."""

from __future__ import annotations

import dataclasses


@dataclasses.dataclass(frozen=True)
class Tick:
    """A labelled place on an axis, or a line across it."""

    at: float
    text: str


@dataclasses.dataclass(frozen=True)
class Bar:
    """A bar that stands at `x` on the bottom of the frame."""

    x: float
    width: float
    height: float
    title: str
