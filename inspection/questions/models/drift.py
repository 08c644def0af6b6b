"""Whether a metric changes over runs."""

from __future__ import annotations

import dataclasses
import datetime
import difflib
import statistics
from collections.abc import Sequence
from typing import Any

from documents.figure import measured
from documents.slice import OVERALL
from documents.terminal.counted import counted
from inspection.answer import Answer
from inspection.evidence.metrics import Metric
from inspection.files.workspace import Workspace
from inspection.history.history import History
from inspection.no_answer import NoAnswerError
from inspection.questions.models.evaluations import Evaluation, evaluations

_RECENT = 10
"""How many earlier evaluations the last one is compared with."""
_LEAST = 3
"""Fewer say nothing about what is usual."""
_SPREADS = 3.0
"""A change is drift when it is larger than so many median absolute deviations."""


class UnknownMetricError(NoAnswerError, ValueError):
    """No evaluation has this metric; the message names those that there are."""


@dataclasses.dataclass(frozen=True)
class Point:
    """A metric in one evaluation."""

    run: int | None
    run_name: str
    step: int | None
    """None where it was logged about the run itself."""
    model: int | None
    time: datetime.datetime | None
    value: float
    lower_bound: float | None
    upper_bound: float | None
    ok: bool | None


@dataclasses.dataclass(frozen=True)
class Series:
    """A metric on one slice, oldest first."""

    metric: str
    slice: str
    higher_is_better: bool
    points: tuple[Point, ...]

    @property
    def change(self) -> float | None:
        """The last value against the median of the ten before; None for the first."""
        before = [point.value for point in self.points[:-1]][-_RECENT:]
        return self.points[-1].value - statistics.median(before) if before else None

    @property
    def drifting(self) -> bool:
        """Whether the last value is worse than what the ones before spread."""
        before = [point.value for point in self.points[:-1]][-_RECENT:]
        if len(before) < _LEAST or self.change is None:
            return False
        middle = statistics.median(before)
        spread = statistics.median(abs(value - middle) for value in before)
        worse = -self.change if self.higher_is_better else self.change
        return worse > max(_SPREADS * spread, 1e-9)


@dataclasses.dataclass(frozen=True)
class DriftAnswer(Answer):
    """The overall series first, then the slices, the worst change first."""

    metric: str
    series: tuple[Series, ...]

    def rows(self) -> list[dict[str, Any]]:
        """A row for each slice in each evaluation."""
        return [
            {"metric": series.metric, "slice": series.slice, **dataclasses.asdict(point)}
            for series in self.series
            for point in series.points
        ]

    @property
    def headline(self) -> str:
        """The answer in a sentence."""
        main = self.series[0]
        last = main.points[-1]
        count = len(main.points)
        text = (
            f"{main.metric} on {main.slice} is {measured(last.value)} in the last of "
            f"{counted(count, 'evaluation')}"
        )
        if main.change is not None:
            change = measured(main.change, sign="+", beside=last.value)
            text += f", {change} against the median of those before"
        drifting = [series.slice for series in self.series if series.drifting]
        if drifting:
            return f"{text}; worse than usual on {', '.join(drifting[:4])}."
        return f"{text}; " + (
            "nothing is out of the usual." if count > _LEAST else "too few to speak of drift."
        )


def drift(
    history: History, workspace: Workspace, metric: str, slice_name: str | None = None
) -> DriftAnswer:
    """The values of a metric over all evaluations in the store that still have their files.

    Args:
      history: names the evaluations.
      workspace: holds their files.
      metric: such as `SparseCategoricalAccuracy`, in any case; `test_accuracy`, `test_r2`,
        `latency_p50_ms` and `latency_p99_ms` are what the serving check measured.
      slice_name: only this one.

    Raises:
      UnknownMetricError: no evaluation has it.
    """
    return choose(all_series(history, workspace), metric, slice_name)


def choose(found: Sequence[Series], metric: str, slice_name: str | None = None) -> DriftAnswer:
    """The answer for one metric; arguments and errors are those of `drift`."""
    wanted = _plain(metric)
    chosen = [
        series
        for series in found
        if _plain(series.metric) == wanted and slice_name in (None, series.slice)
    ]
    if not chosen:
        raise UnknownMetricError(_unknown(metric, slice_name, found))
    chosen.sort(key=lambda series: (series.slice != OVERALL, _badness(series)))
    return DriftAnswer(chosen[0].metric, tuple(chosen))


def all_series(history: History, workspace: Workspace) -> list[Series]:
    """Every metric on every slice over all evaluations that still have their files."""
    found: dict[tuple[str, str], list[tuple[Metric, Point]]] = {}
    for each in evaluations(history, workspace):
        for metric in each.metrics:
            found.setdefault(metric.key, []).append((metric, _point(each, metric)))
    for points in found.values():
        if any(point.step is None for _, point in points):
            # Ids of runs and of executions tell nothing of each other.
            points.sort(key=lambda pair: (pair[1].run or 0, pair[1].step or 0))
    return [
        Series(name, slice, points[-1][0].higher_is_better, tuple(point for _, point in points))
        for (name, slice), points in found.items()
    ]


def _point(found: Evaluation, metric: Metric) -> Point:
    run, step = found.run, found.step
    return Point(
        run.id if run else None,
        run.name if run else "",
        step.id if step else None,
        found.model,
        step.ended if step else run.ended or run.started if run else None,
        metric.value,
        metric.lower_bound,
        metric.upper_bound,
        metric.ok,
    )


def _badness(series: Series) -> float:
    change = series.change or 0.0
    return change if series.higher_is_better else -change


def _plain(name: str) -> str:
    """TFMA's own files have snake case where our verdicts have the class name."""
    return name.replace("_", "").lower()


def _unknown(metric: str, slice_name: str | None, found: Sequence[Series]) -> str:
    names = sorted({series.metric for series in found})
    if not names:
        return (
            "No evaluation with metrics is at hand: none ran yet, or its files are elsewhere "
            "(name their folder with --root)."
        )
    known: Sequence[str] = names
    wanted = metric
    if slice_name is not None and any(_plain(name) == _plain(metric) for name in names):
        known, wanted = sorted({series.slice for series in found}), slice_name
    close = difflib.get_close_matches(wanted, known, n=1, cutoff=0.5)
    hint = f"did you mean {close[0]}?" if close else f"there are {', '.join(known[:12])}."
    return f"No evaluation has {wanted!r}; {hint}"
