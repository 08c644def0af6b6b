"""A metric over runs, with axes, thresholds, and gaps where nothing was measured."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence

from documents.chart import Tick
from inspection.drawing.polylines import polylines
from inspection.history.records import Run

WIDTH, HEIGHT = 760, 240
LEFT, RIGHT, TOP, BOTTOM = 58, 12, 12, 34
_TICKS = 4
_MOST_NAMES = 8
_LEAST, _MOST = 1e-200, 1e200
"""Numbers nearer to nothing or further away are not told apart."""


@dataclasses.dataclass(frozen=True)
class Measured:
    """What there is of one run; None where it measured nothing."""

    run: Run
    value: float | None
    lower: float | None = None
    upper: float | None = None
    refused: bool = False


@dataclasses.dataclass(frozen=True)
class Dot:
    """One run's value."""

    run: Run
    x: float
    y: float
    value: float
    refused: bool


@dataclasses.dataclass(frozen=True)
class OverRuns:
    """In a frame of WIDTH × HEIGHT."""

    dots: tuple[Dot, ...]
    lines: tuple[str, ...]
    """Of SVG polylines, one for each stretch of runs without a gap."""
    bounds: tuple[str, ...]
    """Likewise, of the thresholds."""
    values: tuple[Tick, ...]
    runs: tuple[Tick, ...]


def over_runs(found: Sequence[Measured]) -> OverRuns | None:
    """None where less than two runs have a finite value.

    Args:
      found: the runs from left to right.
    """
    numbers = [each.value for each in found if _is_number(each.value)]
    if len(numbers) < 2:
        return None
    limits = [limit for each in found for limit in (each.lower, each.upper) if _is_number(limit)]
    ticks = _ticks([number for number in (*numbers, *limits) if number is not None])
    low, high = ticks[0], ticks[-1]

    def x(place: int) -> float:
        return round(LEFT + place / max(1, len(found) - 1) * (WIDTH - LEFT - RIGHT), 1)

    def y(value: float) -> float:
        return round(TOP + (1 - (value - low) / (high - low)) * (HEIGHT - TOP - BOTTOM), 1)

    dots = tuple(
        Dot(each.run, x(place), y(each.value), each.value, each.refused)
        for place, each in enumerate(found)
        if each.value is not None and _is_number(each.value)
    )
    values = [each.value if _is_number(each.value) else None for each in found]

    def drawn(numbers: Sequence[float | None]) -> list[str]:
        return polylines(
            [None if each is None else (x(place), y(each)) for place, each in enumerate(numbers)]
        )

    bounds = [
        *drawn([each.lower if _is_number(each.lower) else None for each in found]),
        *drawn([each.upper if _is_number(each.upper) else None for each in found]),
    ]
    every = -(-len(found) // _MOST_NAMES)
    return OverRuns(
        dots,
        tuple(drawn(values)),
        tuple(bounds),
        tuple(Tick(y(tick), f"{tick:.6g}") for tick in ticks),
        tuple(
            Tick(x(place), f"r{each.run.id}")
            for place, each in enumerate(found)
            if place % every == 0
        ),
    )


def _ticks(numbers: Sequence[float]) -> list[float]:
    """Round numbers from below the least to above the greatest."""
    low, high = min(numbers), max(numbers)
    least = max(abs(low), abs(high), _LEAST)
    if high - low <= 1e-9 * least:
        low, high = low - least / 10, high + least / 10
    rough = (high - low) / _TICKS
    size = 10.0 ** math.floor(math.log10(rough))
    step = next(size * each for each in (1, 2, 2.5, 5, 10) if size * each >= rough)
    first = math.floor(low / step)
    last = math.ceil(high / step)
    return [float(f"{number * step:.12g}") for number in range(first, last + 1)]


def _is_number(value: float | None) -> bool:
    return value is not None and abs(value) < _MOST
