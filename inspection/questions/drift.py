"""Whether a metric changes over runs."""

from __future__ import annotations

import dataclasses
import datetime
import difflib
import functools
import statistics
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from documents.counted import counted
from documents.serving_verdict import ServingVerdict
from documents.slice import OVERALL
from inspection.answer import Answer
from inspection.history import MANY, History
from inspection.metrics import Metric, read_metrics
from inspection.no_answer import NoAnswerError
from inspection.presence import Glance
from inspection.questions.models import candidate_id, is_any_model, is_new
from inspection.records import Artifact, Step
from inspection.workspace import Workspace

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
    step: int
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
        main = self.series[0]
        last = main.points[-1]
        count = len(main.points)
        text = (
            f"{main.metric} on {main.slice} is {last.value:.4f} in the last of "
            f"{counted(count, 'evaluation')}"
        )
        if main.change is not None:
            text += f", {main.change:+.4f} against the median of those before"
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
      metric: such as `SparseCategoricalAccuracy`, in any case; `test_accuracy`, `latency_p50_ms`
        and `latency_p99_ms` are what the serving check measured.
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
    for step, measured in evaluations(history, workspace):
        point = _point(history, step)
        for each in measured:
            values = each.value, each.lower_bound, each.upper_bound, each.ok
            found.setdefault(each.key, []).append((each, point(*values)))
    return [
        Series(name, slice, points[-1][0].higher_is_better, tuple(point for _, point in points))
        for (name, slice), points in found.items()
    ]


def evaluations(history: History, workspace: Workspace) -> Iterator[tuple[Step, list[Metric]]]:
    """Each step that measured a model and was no cache hit, oldest first, with its metrics."""
    steps = sorted(measuring(history))
    workspace = Glance(workspace) if len(steps) > MANY else workspace
    for id in steps:
        if history.steps.state_of(id) == "complete":
            measured = measured_by(history, workspace, id)
            if measured:
                yield history.steps[id], measured


@functools.lru_cache(maxsize=2)
def measuring(history: History) -> frozenset[int]:
    """The ids of all steps that wrote something with metrics in it."""
    types = [type for type, first in history.first_of_types.items() if _has_metrics(first)]
    found = [id for type in types for id in history.ids_of_type(type)]
    if len(found) > MANY:
        links = history.expect_many()
        return frozenset(step for id in found for step in links.steps_of(id, True))
    return frozenset(step.id for id in found for step in history.emitters(id))


def _has_metrics(artifact: Artifact) -> bool:
    """Whether metrics are in it, or a verdict with some in its folder."""
    return artifact.type in _WITH_METRICS or is_metrics(artifact)


def measured_by(history: History, workspace: Workspace, step: int) -> list[Metric]:
    """The metrics of the step of an id; empty when it measured nothing, or its files are gone."""
    made = history.outputs_like(step, _has_metrics)
    uris = {artifact.type: artifact.uri for artifact in made}
    if "ModelBlessing" in uris or "ModelEvaluation" in uris:
        return read_metrics(workspace, uris.get("ModelBlessing"), uris.get("ModelEvaluation"))
    if "InfraBlessing" in uris:
        return _served(workspace, uris["InfraBlessing"])
    return [
        metric for artifact in made if is_metrics(artifact) for metric in recorded_metrics(artifact)
    ]


_WITH_METRICS = ("ModelBlessing", "ModelEvaluation", "InfraBlessing")
_NO_METRICS = ("display_name", "span", "is_external", "iteration_index")


def is_metrics(artifact: Artifact) -> bool:
    """Whether its own properties are metrics, as Kubeflow's and Vertex's types have them:
    `system.Metrics`, `system.ClassificationMetrics`, `google.RegressionMetrics`, …"""
    return artifact.base == "Metrics" or artifact.type.endswith("Metrics")


def recorded_metrics(artifact: Artifact) -> list[Metric]:
    """The numbers among its properties; curves and matrices are structs, and no number."""
    return [
        Metric(name, OVERALL, float(value))
        for name, value in artifact.properties.items()
        if isinstance(value, (int, float)) and name not in _NO_METRICS and name[:2] != "__"
    ]


def _served(workspace: Workspace, uri: str) -> list[Metric]:
    """What the serving check measured at the model server."""
    verdict = workspace.read(ServingVerdict, uri)
    if verdict is None:
        return []
    found = []
    if verdict.test_accuracy is not None:
        found.append(Metric("test_accuracy", OVERALL, verdict.test_accuracy))
    for name, value in (verdict.latency_ms or {}).items():
        found.append(Metric(f"latency_{name}_ms", OVERALL, value, higher_is_better=False))
    return found


def _point(history: History, step: Step) -> Callable[..., Point]:
    """Makes the points of a step of their values."""
    made = [id for id in history.output_ids_like(step.id, is_any_model) if is_new(history, id)]
    model = made[-1] if made else candidate_id(history, step.id)
    run = history.runs.get(step.run) if step.run is not None else None
    return functools.partial(
        Point,
        step.run,
        run.name if run else "",
        step.id,
        model,
        step.ended,
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
