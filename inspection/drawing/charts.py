"""Curves, bars and scales for small charts."""

from __future__ import annotations

import dataclasses
import math
import statistics
from collections.abc import Mapping, Sequence

from documents.chart import Bar
from inspection.evidence.statistics import Feature
from inspection.metrics import Metric

SPARK_WIDTH, SPARK_HEIGHT = 160, 36
BARS_WIDTH, BARS_HEIGHT = 320, 90
SCALE_WIDTH = 320
MOST_POINTS = 80
_FAR = 3.0
"""A threshold further from the values than so many times their spread would flatten them."""
_MOST_VALUES = 20


@dataclasses.dataclass(frozen=True)
class Sparkline:
    """Values from left to right in a frame of SPARK_WIDTH × SPARK_HEIGHT."""

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
            return SPARK_HEIGHT / 2
        inside = min(max(value, low), high)
        return round(4 + (SPARK_HEIGHT - 8) * (1 - (inside - low) / room), 1)

    parts = _parts(values)
    step = (SPARK_WIDTH - 8) / (len(parts) - 1)
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


@dataclasses.dataclass(frozen=True)
class Bars:
    """One or two distributions in a frame of BARS_WIDTH × BARS_HEIGHT, as shares of each."""

    now: tuple[Bar, ...]
    before: tuple[Bar, ...]
    left: str
    """What is at the left end of the axis, and at the right."""
    right: str


def bars(now: Feature, before: Feature | None = None) -> Bars | None:
    """The distribution of a feature, beside another one's; None when it has none."""
    if now.values:
        return _value_bars(now, before)
    return _histogram(now, before) if now.buckets else None


def _value_bars(now: Feature, before: Feature | None) -> Bars:
    old = before.values if before else {}
    names = sorted(now.values, key=_natural)
    if len(names) > _MOST_VALUES:
        names = sorted(now.values, key=lambda name: -now.values[name])[:_MOST_VALUES]
    width = BARS_WIDTH / len(names)
    shares = [_shares(now.values), _shares(old)]
    highest = max((each.get(name, 0.0) for each in shares for name in names), default=1.0) or 1.0

    def drawn(share: dict[str, float]) -> tuple[Bar, ...]:
        return tuple(
            Bar(
                round(index * width, 1),
                round(width, 1),
                round(share.get(name, 0.0) / highest * BARS_HEIGHT, 1),
                f"{name}: {share.get(name, 0.0):.1%}",
            )
            for index, name in enumerate(names)
        )

    return Bars(drawn(shares[0]), drawn(shares[1]) if old else (), names[0], names[-1])


def _histogram(now: Feature, before: Feature | None) -> Bars:
    old = before.buckets if before else ()
    both = (*now.buckets, *old)
    low, high = min(each.low for each in both), max(each.high for each in both)
    room = (high - low) or 1.0
    totals = [sum(bucket.count for bucket in each) or 1.0 for each in (now.buckets, old)]
    highest = max(bucket.count / totals[0] for bucket in now.buckets)
    highest = max([highest, *(bucket.count / totals[1] for bucket in old)]) or 1.0

    def drawn(index: int) -> tuple[Bar, ...]:
        return tuple(
            Bar(
                round((bucket.low - low) / room * BARS_WIDTH, 1),
                round(max((bucket.high - bucket.low) / room * BARS_WIDTH, 2), 1),
                round(bucket.count / totals[index] / highest * BARS_HEIGHT, 1),
                f"{bucket.low:g} to {bucket.high:g}: {bucket.count / totals[index]:.1%}",
            )
            for bucket in (now.buckets, old)[index]
        )

    return Bars(drawn(0), drawn(1), f"{low:g}", f"{high:g}")


def _shares(values: Mapping[str, float]) -> dict[str, float]:
    total = sum(values.values()) or 1.0
    return {name: value / total for name, value in values.items()}


def _natural(name: str) -> tuple[int, float, str]:
    """Numbers by size, before texts."""
    try:
        return 0, float(name), ""
    except ValueError:
        return 1, 0.0, name


@dataclasses.dataclass(frozen=True)
class Scale:
    """A metric on one slice as a mark on a line of SCALE_WIDTH, with what it is held against."""

    metric: Metric
    value: float
    baseline: float | None
    lower: float | None
    upper: float | None
    least: float | None
    """The worst that the baseline allows."""


def scales(metrics: Sequence[Metric]) -> tuple[tuple[Scale, ...], float, float]:
    """All metrics on one scale, and the numbers at its ends."""
    numbers = [
        number
        for each in metrics
        for number in (each.value, each.baseline_value, each.lower_bound, each.upper_bound)
        if number is not None and math.isfinite(number)
    ]
    low, high = min(numbers, default=0.0), max(numbers, default=1.0)
    if low >= 0 and high <= 1:
        low, high = (0.0 if low < 0.5 else 0.5), 1.0
    room = (high - low) or 1.0

    def x(number: float | None) -> float | None:
        if number is None or math.isnan(number):
            return None
        return round((min(max(number, low), high) - low) / room * SCALE_WIDTH, 1)

    drawn = tuple(
        Scale(
            each,
            x(each.value) or 0.0,
            x(each.baseline_value),
            x(each.lower_bound),
            x(each.upper_bound),
            _clamped(x(_least(each))),
        )
        for each in metrics
    )
    return drawn, low, high


def _least(metric: Metric) -> float | None:
    if metric.max_drop is None or metric.baseline_value is None:
        return None
    sign = -1 if metric.higher_is_better else 1
    return metric.baseline_value + sign * metric.max_drop


def _clamped(x: float | None) -> float | None:
    return None if x is None else max(0.0, min(float(SCALE_WIDTH), x))
