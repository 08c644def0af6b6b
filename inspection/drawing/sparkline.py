"""Small curves: values from left to right, and a threshold."""

from __future__ import annotations

import dataclasses
import math
import statistics
from collections.abc import Sequence

WIDTH, HEIGHT = 160, 36
MOST_POINTS = 80
_FAR = 3.0
"""A threshold further from the values than so many times their spread would flatten them."""


@dataclasses.dataclass(frozen=True)
class Sparkline:
    """Values from left to right in a frame of WIDTH × HEIGHT."""

    points: str
    """Of an SVG polyline: the values, or the medians of many side by side."""
    last: tuple[float, float]
    limit: float | None
    """The y of a threshold; None when there is none."""
    beyond: bool = False
    """Whether the threshold is so far away that it is drawn at the edge."""
    band: str = ""
    """Of an SVG polygon between the least and the greatest of those values."""


def sparkline(values: Sequence[float], limit: float | None = None) -> Sparkline | None:
    """None for fewer than two values; what is no finite number is left out."""
    values = [value for value in values if math.isfinite(value)]
    limit = limit if limit is not None and math.isfinite(limit) else None
    if len(values) < 2:
        return None
    low, high = min(values), max(values)
    near = limit is not None and low - _FAR * (high - low) <= limit <= high + _FAR * (high - low)
    if limit is not None and (near or low == high):
        low, high = min(low, limit), max(high, limit)
    room = (high - low) or 1.0

    def y(value: float) -> float:
        if low == high:
            return HEIGHT / 2
        inside = min(max(value, low), high)
        return round(4 + (HEIGHT - 8) * (1 - (inside - low) / room), 1)

    parts = _parts(values)
    step = (WIDTH - 8) / (len(parts) - 1)
    across = [round(4 + index * step, 1) for index in range(len(parts))]
    points = [(x, y(statistics.median(part))) for x, part in zip(across, parts, strict=True)]
    points[-1] = (points[-1][0], y(values[-1]))
    band = ""
    if len(parts) < len(values):
        above = [(x, y(max(part))) for x, part in zip(across, parts, strict=True)]
        below = [(x, y(min(part))) for x, part in zip(across, parts, strict=True)]
        band = _svg([*above, *reversed(below)])
    return Sparkline(
        _svg(points),
        points[-1],
        y(limit) if limit is not None else None,
        limit is not None and not low <= limit <= high,
        band,
    )


def _parts(values: Sequence[float]) -> list[Sequence[float]]:
    """At most MOST_POINTS stretches: a thousand points side by side would be one solid block."""
    size = -(-len(values) // MOST_POINTS)
    return [values[start : start + size] for start in range(0, len(values), size)]


def _svg(points: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x},{y}" for x, y in points)
