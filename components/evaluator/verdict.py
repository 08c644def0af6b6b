"""What an evaluation decided, metric by metric and slice by slice, in words. Pure."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from components.evaluator import metric_kinds
from documents.evaluator_verdict import MetricRow
from documents.slice import LABEL, OVERALL, slice_title

ROUNDING = 1e-6
"""Share of a value below which differences are rounding."""
_SMALL = 1e-3
ALWAYS_THE_SAME = "always the same answer"
Values = Mapping[tuple[str, str], float]
"""(metric, slice) to value; a slice reads `overall` or `feature=value`."""


def without_rounding(distance: float, *values: float) -> float:
    """A difference of values as large as these; 0 where it is what rounding makes of equal ones:
    TFMA computes in float32, where nine of ten is 0.89999998."""
    return 0.0 if abs(distance) <= ROUNDING * max(map(abs, values)) else distance


def number(value: float | None, *limits: float | None) -> str:
    """A value for a sentence: four places, and more of a small one or one that is near a limit."""
    if value is None or not math.isfinite(value):
        return str(value)
    if 0 < abs(value) < _SMALL:
        return f"{value:.4g}"
    near = [limit for limit in limits if limit is not None]
    return next(
        (
            text
            for text in (f"{value:.{places}f}" for places in (4, 6, 8))
            if all(float(text) != limit for limit in near)
        ),
        repr(value),
    )


@dataclasses.dataclass(frozen=True)
class Threshold:
    """The limits of one metric on the overall slice, or on every slice of one feature."""

    metric: str
    feature: str | None = None
    lower_bound: float | None = None
    upper_bound: float | None = None
    max_drop: float | None = None
    """How much worse than the baseline the candidate may be, in the metric's own unit."""
    higher_is_better: bool = True

    @property
    def demands(self) -> bool:
        """Whether there is a limit; else the metric is only shown."""
        return (self.lower_bound, self.upper_bound, self.max_drop) != (None, None, None)

    def covers(self, slice_name: str) -> bool:
        """Whether it holds for a slice, `overall` or such as `label=6`."""
        if self.feature is None:
            return slice_name == OVERALL
        return slice_name.startswith(f"{self.feature}=")


@dataclasses.dataclass(frozen=True)
class Row:
    """One metric on one slice, held against its threshold."""

    metric: str
    slice: str
    value: float
    baseline_value: float | None
    lower_bound: float | None
    upper_bound: float | None
    max_drop: float | None
    higher_is_better: bool = True
    constant_value: float | None = None
    """What always answering the same is worth."""
    must_beat_constant: bool = False
    examples: int | None = None
    """How many the slice has, where that was counted."""
    gated: bool = True
    """Whether limits count; not so on a slice of few examples."""

    @property
    def gain(self) -> float | None:
        """How much better than always answering the same; None where nobody asks."""
        if not self.must_beat_constant or self.constant_value is None:
            return None
        gain = self.value - self.constant_value
        return gain if self.higher_is_better else -gain

    @property
    def drop(self) -> float | None:
        """How much worse than the baseline; None without one, or where that has no number."""
        if self.baseline_value is None or not math.isfinite(self.baseline_value):
            return None
        change = self.baseline_value - self.value
        return change if self.higher_is_better else -change

    @property
    def failures(self) -> list[str]:
        """One clause for each limit that does not hold."""
        if not self.gated:
            return []
        if not math.isfinite(self.value):
            return ["not a finite number"] if self.is_held else []
        found, left = [], self._left
        if left.get("lower_bound", 0) < 0:
            found.append(f"below the lower bound {self.lower_bound:g}")
        if left.get("upper_bound", 0) < 0:
            found.append(f"above the upper bound {self.upper_bound:g}")
        if self.drop is not None and left.get("max_drop", 0) < 0:
            found.append(
                f"{number(self.drop)} worse than the baseline's {number(self.baseline_value)} "
                f"(allowed: {self.max_drop:g})"
            )
        if left.get("gain", 1) <= 0:
            found.append(f"no better than the {number(self.constant_value)} of {ALWAYS_THE_SAME}")
        return found

    @property
    def _left(self) -> dict[str, float]:
        """How far the value is from each limit, negative beyond it, 0 where rounding decides."""
        value, found = self.value, {}
        if self.lower_bound is not None:
            found["lower_bound"] = without_rounding(value - self.lower_bound, value)
        if self.upper_bound is not None:
            found["upper_bound"] = without_rounding(self.upper_bound - value, value)
        if self.max_drop is not None and self.drop is not None and self.baseline_value is not None:
            left = self.max_drop - self.drop
            found["max_drop"] = without_rounding(left, value, self.baseline_value)
        if self.gain is not None and self.constant_value is not None:
            unit = metric_kinds.unit(self.metric)
            found["gain"] = without_rounding(self.gain, value, self.constant_value, unit)
        return found

    @property
    def is_held(self) -> bool:
        """Whether there is anything to hold the value against."""
        limits = (self.lower_bound, self.upper_bound, self.max_drop, self.gain)
        return self.gated and limits != (None,) * len(limits)

    @property
    def ok(self) -> bool:
        return not self.failures

    @property
    def margin(self) -> float:
        """Distance to the nearest limit; negative when one does not hold, infinite without one."""
        if not self.is_held:
            return float("inf")
        if not math.isfinite(self.value):
            return float("-inf")
        return min([float("inf"), *self._left.values()])

    @property
    def written(self) -> MetricRow:
        """The row of `verdict.json`, which knows no NaN: there the value is null."""
        usual = {"must_beat_constant": False, "gated": True}
        keys: dict[str, Any] = {
            name: value
            for name, value in dataclasses.asdict(self).items()
            if value is not None
            and (isinstance(value, str) or math.isfinite(value))
            and usual.get(name) is not value
        }
        keys.setdefault("value", None)
        if math.isfinite(self.margin):
            keys["margin"] = self.margin
        return MetricRow(**keys, ok=self.ok)


@dataclasses.dataclass(frozen=True)
class Yardsticks:
    """What there is to hold values against beside thresholds and the baseline."""

    constants: Mapping[str, float] = dataclasses.field(default_factory=dict)
    """What always answering the same is worth on all examples, by metric."""
    must_beat: str | None = None
    """The metric by which a candidate must be better than that."""
    sizes: Mapping[str, int] = dataclasses.field(default_factory=dict)
    """How many examples slices have, as far as they were counted."""
    smallest: int = 0
    """Examples that a slice must have for its limits to count."""


def judge(
    thresholds: Iterable[Threshold],
    values: Values,
    baseline: Values,
    yardsticks: Yardsticks = Yardsticks(),
) -> list[Row]:
    """Holds every value against the thresholds that cover it, worst margin first."""
    rows = []
    for threshold in thresholds:
        for (metric, slice_name), value in values.items():
            if metric != threshold.metric or not threshold.covers(slice_name):
                continue
            is_whole = slice_name == OVERALL
            examples = yardsticks.sizes.get(slice_name)
            row = Row(
                metric=metric,
                slice=slice_name,
                value=value,
                baseline_value=baseline.get((metric, slice_name)),
                lower_bound=threshold.lower_bound,
                upper_bound=threshold.upper_bound,
                max_drop=threshold.max_drop,
                higher_is_better=threshold.higher_is_better,
                constant_value=yardsticks.constants.get(metric) if is_whole else None,
                must_beat_constant=is_whole and metric == yardsticks.must_beat,
                examples=examples,
                gated=is_whole or examples is None or examples >= yardsticks.smallest,
            )
            rows.append(row)
    return sorted(rows, key=lambda row: row.margin)


def refusal(
    rows: Sequence[Row],
    baseline_version: int | None,
    labels: Sequence[str] = (),
    label: str = LABEL,
    *,
    constant: str = "",
) -> str | None:
    """One sentence on the worst row that fails, and how many more there are; None when all hold.

    Args:
      label: name of the label, whose slices are called by `labels`.
      constant: the answer of who always gives the same.
    """
    failing = [row for row in rows if not row.ok]
    if not failing:
        return None
    worst = failing[0]
    against = f"; baseline version {baseline_version}" if baseline_version is not None else ""
    more = len(failing) - 1
    others = f"; {more} more slice{'s fail' if more > 1 else ' fails'}" if more else ""
    why = " and ".join(worst.failures)
    if ALWAYS_THE_SAME in why:
        others += "; evaluation.beat_constant = false would let it pass"
        why = why.replace(ALWAYS_THE_SAME, f"{ALWAYS_THE_SAME}, {constant}") if constant else why
    return (
        f"Evaluator: {worst.metric} on slice {slice_title(worst.slice, labels, label)} is "
        f"{number(worst.value, worst.lower_bound, worst.upper_bound)}, {why}{against}{others}."
    )
