"""Metrics as marks on lines of one scale."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence

from inspection.evidence.metrics import Metric

WIDTH = 320


@dataclasses.dataclass(frozen=True)
class Scale:
    """A metric on one slice as a mark on a line of WIDTH, with what it is held against."""

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
        return round((min(max(number, low), high) - low) / room * WIDTH, 1)

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
    return None if x is None else max(0.0, min(float(WIDTH), x))
