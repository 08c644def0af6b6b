"""What a validator measured, on scales and as a matrix."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from documents.features import Features
from documents.serving_verdict import CheckRow, ServingVerdict
from documents.slice import LABEL, OVERALL, slice_title
from documents.training_record import TrainingRecord
from inspection.drawing.scales import Scale, scales
from inspection.evidence.confusion import Confusion, read_confusion, recorded_confusion
from inspection.evidence.metrics import Metric
from inspection.files.workspace import Workspace
from inspection.history.history import History
from inspection.history.records import Step
from inspection.questions.models.evaluations import is_metrics, measured_by
from inspection.questions.models.models import candidate_of


@dataclasses.dataclass(frozen=True)
class Chart:
    """One metric on all slices, on one scale."""

    metric: str
    rows: tuple[tuple[str, Scale], ...]
    """With the slice's title; overall first, then the smallest margin first."""
    low: float
    high: float


@dataclasses.dataclass(frozen=True)
class Evidence:
    """What one step measured."""

    step: Step
    figures: tuple[Metric, ...]
    """Measured on the whole only, with nothing to hold them against."""
    charts: tuple[Chart, ...]
    confusion: Confusion | None
    checks: tuple[CheckRow, ...]
    labels: tuple[str, ...]

    def label(self, index: int) -> str:
        return self.labels[index] if 0 <= index < len(self.labels) else str(index)


def evidence(history: History, workspace: Workspace, step: Step) -> Evidence:
    """What a validator left about a model; empty for any other step."""
    uris = {artifact.type: artifact.uri for artifact in history.output_artifacts(step.id)}
    labels, label = _labels(history, workspace, step)
    metrics = measured_by(history, workspace, step.id)
    names = dict.fromkeys(metric.metric for metric in metrics)
    of_name = {name: [m for m in metrics if m.metric == name] for name in names}
    plain = [name for name, found in of_name.items() if len(found) == 1 and not found[0].limit]
    evaluation, infra = uris.get("ModelEvaluation"), uris.get("InfraBlessing")
    verdict = workspace.read(ServingVerdict, infra) if infra else None
    confusion = read_confusion(workspace, evaluation) if evaluation else None
    for artifact in history.output_artifacts(step.id) if confusion is None else ():
        recorded = recorded_confusion(artifact) if is_metrics(artifact) else None
        if recorded:
            confusion, labels = recorded
    return Evidence(
        step,
        tuple(of_name[name][0] for name in plain),
        tuple(_chart(name, of_name[name], labels, label) for name in names if name not in plain),
        confusion,
        verdict.checks if verdict else (),
        labels,
    )


def _chart(name: str, metrics: Sequence[Metric], labels: Sequence[str], label: str) -> Chart:
    ordered = sorted(metrics, key=lambda metric: (metric.slice != OVERALL, _margin(metric)))
    drawn, low, high = scales(ordered)
    titles = [slice_title(metric.slice, labels, label) for metric in ordered]
    return Chart(name, tuple(zip(titles, drawn, strict=True)), low, high)


def _margin(metric: Metric) -> float:
    if metric.lower_bound is not None:
        return metric.value - metric.lower_bound
    if metric.upper_bound is not None:
        return metric.upper_bound - metric.value
    return metric.value if metric.higher_is_better else -metric.value


def _labels(history: History, workspace: Workspace, step: Step) -> tuple[tuple[str, ...], str]:
    """The names of the classes or tags, and of the label itself."""
    model = candidate_of(history, step)
    if model is None:
        return (), LABEL
    document = workspace.read(Features, model.uri)
    if document is not None:
        return document.label.values or (), document.label.name
    # Models of older releases come without.
    record = workspace.read(TrainingRecord, model.uri)
    return (record.labels if record else None) or (), LABEL
