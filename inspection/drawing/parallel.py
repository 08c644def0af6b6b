"""Parallel coordinates: an axis for each thing that differs, a line for each run."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence

from documents.chart import Tick
from documents.shown import cut
from inspection.drawing.polylines import polylines
from inspection.questions.runs.compared import ComparedRun, RunsComparison

WIDTH_OF_AXIS, HEIGHT, MARGIN = 135, 220, 46
MOST_AXES = 7
MOST_NAME = 18
"""Characters of a name or value."""


@dataclasses.dataclass(frozen=True)
class Axis:
    """One thing that differs."""

    x: float
    title: str
    short: str
    ticks: tuple[Tick, ...]


@dataclasses.dataclass(frozen=True)
class Line:
    """One run; where it has no value, its line has a gap."""

    run: ComparedRun
    parts: tuple[str, ...]
    """Of SVG polylines."""
    dots: tuple[tuple[float, float], ...]


@dataclasses.dataclass(frozen=True)
class Parallel:
    """All of it in a frame of `width` × HEIGHT."""

    width: float
    axes: tuple[Axis, ...]
    lines: tuple[Line, ...]


def parallel(answer: RunsComparison) -> Parallel | None:
    """None where less than two things differ, or less than two runs are there."""
    settings: list[tuple[str, Sequence[str | float | None]]] = [
        (line.part, [_number(value) for value in line.values]) for line in answer.parts
    ]
    metrics: list[tuple[str, Sequence[str | float | None]]] = [
        (f"{line.metric} on {line.slice}", line.values) for line in answer.metrics
    ]
    # Metrics are what it is about: they have half of the room, at the right.
    kept = settings[: max(MOST_AXES // 2, MOST_AXES - len(metrics))]
    chosen = [*kept, *metrics[: MOST_AXES - len(kept)]]
    if len(chosen) < 2 or len(answer.runs) < 2:
        return None
    axes, places = [], []
    for number, (title, values) in enumerate(chosen):
        x = MARGIN + number * WIDTH_OF_AXIS
        ticks, ys = _scale(values)
        short = title.rpartition(".")[2].rpartition(": ")[2].removeprefix("setting ")
        axes.append(Axis(x, title, cut(short.replace(" on overall", ""), MOST_NAME), ticks))
        places.append([None if y is None else (float(x), y) for y in ys])
    lines = []
    for place, run in enumerate(answer.runs):
        points = [axis[place] for axis in places]
        dots = tuple(point for point in points if point)
        lines.append(Line(run, tuple(polylines(points)), dots))
    width = 2 * MARGIN + (len(axes) - 1) * WIDTH_OF_AXIS + WIDTH_OF_AXIS // 2
    return Parallel(width, tuple(axes), tuple(lines))


def _scale(
    values: Sequence[str | float | None],
) -> tuple[tuple[Tick, ...], list[float | None]]:
    """Marks, and the y of each value: numbers by size, texts one below the other."""
    known = [value for value in values if value is not None]
    top, bottom = 34.0, HEIGHT - 16.0
    numbers = [value for value in known if isinstance(value, float) and math.isfinite(value)]
    if known and len(numbers) == len(known):
        low, high = min(numbers), max(numbers)
        room = (high - low) or 1.0
        ys = [
            None if not isinstance(value, float)
            else round(bottom - (value - low) / room * (bottom - top), 1)
            for value in values
        ]  # fmt: skip
        return (Tick(bottom, f"{low:.4g}"), Tick(top, f"{high:.4g}")), ys
    names = sorted({str(value) for value in known})
    step = (bottom - top) / max(1, len(names) - 1)
    at = {name: round(bottom - index * step, 1) for index, name in enumerate(names)}
    ticks = tuple(Tick(y, cut(name, MOST_NAME)) for name, y in at.items())
    return ticks, [None if value is None else at[str(value)] for value in values]


def _number(value: str | None) -> str | float | None:
    try:
        return None if value is None else float(value)
    except ValueError:
        return value
