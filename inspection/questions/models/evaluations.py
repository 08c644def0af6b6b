"""What was measured, where and about which model: by steps, and by whoever logged it."""

from __future__ import annotations

import dataclasses
import functools
from collections import defaultdict
from collections.abc import Iterable, Iterator

from documents.serving_verdict import ServingVerdict
from documents.slice import OVERALL
from inspection.evidence.logged import logged_metrics, logging_steps, may_log, metrics_of_run
from inspection.evidence.metrics import Metric, read_metrics
from inspection.files.presence import Glance
from inspection.files.workspace import Workspace
from inspection.history.history import MANY, History
from inspection.history.records import Artifact, Run, Step
from inspection.questions.models.models import candidate, candidate_id, is_any_model, is_new


@dataclasses.dataclass(frozen=True)
class Evaluation:
    """What was measured at once."""

    run: Run | None
    step: Step | None
    """None where it was logged about the run itself."""
    model: int | None
    """Id of the model that it is about, where that is known."""
    metrics: list[Metric]


def evaluations(history: History, workspace: Workspace) -> Iterator[Evaluation]:
    """Each step that measured a model and was no cache hit, oldest first; then what was logged
    about runs themselves, and no step of them has."""
    steps = sorted(measuring(history))
    workspace = Glance(workspace) if len(steps) > MANY else workspace
    of_steps: defaultdict[int | None, set[tuple[str, str]]] = defaultdict(set)
    for id in steps:
        if history.steps.state_of(id) == "complete":
            measured = measured_by(history, workspace, id)
            if measured:
                step = history.steps[id]
                run = history.runs.get(step.run) if step.run is not None else None
                of_steps[step.run].update(metric.key for metric in measured)
                yield Evaluation(run, step, _model_of(history, step), measured)
    for run in history.runs.values():
        logged = [each for each in metrics_of_run(run) if each.key not in of_steps[run.id]]
        if logged:
            model = candidate(history, run)
            yield Evaluation(run, None, model.id if model else None, logged)


def _model_of(history: History, step: Step) -> int | None:
    """The model that a step made, or judged."""
    made = [id for id in history.output_ids_like(step.id, is_any_model) if is_new(history, id)]
    return made[-1] if made else candidate_id(history, step.id)


@functools.lru_cache(maxsize=2)
def measuring(history: History) -> frozenset[int]:
    """The ids of all steps that wrote something with metrics in it, or have some themselves."""
    types = [type for type, first in history.first_of_types.items() if _has_metrics(first)]
    found = [id for type in types for id in history.ids_of_type(type)]
    logging = logging_steps(history)
    if len(found) > MANY:
        links = history.expect_many()
        return frozenset((*(step for id in found for step in links.steps_of(id, True)), *logging))
    return frozenset((*(step.id for id in found for step in history.emitters(id)), *logging))


def _has_metrics(artifact: Artifact) -> bool:
    """Whether metrics are in it, or a verdict with some in its folder."""
    return artifact.type in _WITH_METRICS or is_metrics(artifact)


def measured_by(history: History, workspace: Workspace, step: int) -> list[Metric]:
    """The metrics of the step of an id; empty when it measured nothing, or its files are gone."""
    made = history.outputs_like(step, _has_metrics)
    uris = {artifact.type: artifact.uri for artifact in made}
    found: list[Metric] = []
    if "ModelBlessing" in uris or "ModelEvaluation" in uris:
        found = read_metrics(workspace, uris.get("ModelBlessing"), uris.get("ModelEvaluation"))
    elif "InfraBlessing" in uris:
        found = _served(workspace, uris["InfraBlessing"])
    for artifact in filter(is_metrics, made):
        found += _others(found, recorded_metrics(artifact))
    if may_log(history.steps.type_of(step)):
        found += _others(found, logged_metrics(history.steps[step].properties))
    return found


def _others(found: Iterable[Metric], more: Iterable[Metric]) -> list[Metric]:
    """Those of `more` that are not among `found`: what is told twice is one metric."""
    known = {metric.key for metric in found}
    return [each for each in more if each.key not in known]


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
    measured = {"test_accuracy": verdict.test_accuracy, "test_r2": verdict.test_r2}
    for name, value in measured.items():
        if value is not None:
            found.append(Metric(name, OVERALL, value))
    for name, value in (verdict.latency_ms or {}).items():
        found.append(Metric(f"latency_{name}_ms", OVERALL, value, higher_is_better=False))
    return found
