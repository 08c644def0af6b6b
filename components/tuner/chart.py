"""Trials as lines over parallel axes, one for each setting and one for the metric. Pure."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Sequence
from typing import Any

from documents.chart import Tick
from documents.tuning import Dimension, Trial, Tuning

WIDTH, HEIGHT = 920, 320
TOP, BOTTOM, SIDE = 40, 30, 60
_MOST_TICKS = 8


@dataclasses.dataclass(frozen=True)
class Axis:
    """One setting, or the metric."""

    x: float
    title: str
    ticks: tuple[Tick, ...]


@dataclasses.dataclass(frozen=True)
class Line:
    """One trial."""

    points: str
    """Of an SVG polyline."""
    title: str
    shade: float
    """From 0, the worst, to 1, the best."""
    is_best: bool
    is_default: bool


@dataclasses.dataclass(frozen=True)
class Chart:
    """Axes from left to right, and lines of which the best one is drawn last."""

    axes: tuple[Axis, ...]
    lines: tuple[Line, ...]


def parallel(found: Tuning) -> Chart | None:
    """The trials that have a value; None where there is none, or nothing was searched."""
    trials = [trial for trial in found.trials if trial.value is not None]
    if not trials or not found.dimensions:
        return None
    step = (WIDTH - 2 * SIDE) / len(found.dimensions)
    values = [trial.value or 0.0 for trial in trials]
    low, high = min(values), max(values)
    room = (high - low) or 1.0
    axes = [
        Axis(round(SIDE + index * step, 1), _short(each.key), _ticks(each))
        for index, each in enumerate(found.dimensions)
    ]
    ends = [low, high] if high > low else [low]
    ticks = tuple(Tick(_y((end - low) / room), f"{end:.4g}") for end in ends)
    axes.append(Axis(round(WIDTH - SIDE, 1), found.metric, ticks))

    def line(trial: Trial) -> Line:
        value = trial.value or 0.0
        heights = [place(each, trial.values.get(each.key)) for each in found.dimensions]
        heights.append((value - low) / room)
        points = " ".join(
            f"{axis.x},{_y(height)}" for axis, height in zip(axes, heights, strict=True)
        )
        good = (value - low) / room
        state = "" if trial.state == "done" else f", {trial.state}"
        return Line(
            points,
            f"trial {trial.number}: {found.metric} {value:.4f}{state}",
            good if found.higher_is_better else 1 - good,
            trial.number == found.best,
            trial.number == 0,
        )

    lines = sorted(map(line, trials), key=lambda each: (each.is_best, each.is_default, each.shade))
    return Chart(tuple(axes), tuple(lines))


def place(dimension: Dimension, value: Any) -> float:
    """Where a value lies on its axis, from 0 to 1; the middle for what is not on it."""
    if dimension.values is not None:
        texts = [json.dumps(each) for each in dimension.values]
        text = json.dumps(value)
        return texts.index(text) / max(1, len(texts) - 1) if text in texts else 0.5
    if isinstance(value, bool) or not isinstance(value, int | float):
        return 0.5
    low, high = dimension.low or 0.0, dimension.high or 0.0
    inside = min(max(float(value), low), high)
    if dimension.log:
        low, high, inside = math.log(low), math.log(high), math.log(inside)
    return (inside - low) / ((high - low) or 1.0)


def _ticks(dimension: Dimension) -> tuple[Tick, ...]:
    shown: Sequence[Any] = dimension.values or (dimension.low, dimension.high)
    if len(shown) > _MOST_TICKS:
        shown = (shown[0], shown[-1])
    return tuple(Tick(_y(place(dimension, value)), _text(value)) for value in shown)


def _text(value: Any) -> str:
    return f"{value:.3g}" if isinstance(value, float) else json.dumps(value)


def _y(part: float) -> float:
    return round(TOP + (HEIGHT - TOP - BOTTOM) * (1 - part), 1)


def _short(key: str) -> str:
    return key.rpartition(".")[2]
