"""What became of a model, and why: pushed, live already, refused, withdrawn, or never judged."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from documents.outcome import Outcome
from documents.serving_verdict import CheckRow, ServingVerdict
from inspection.history import History
from inspection.ids import short
from inspection.metrics import Metric, read_metrics
from inspection.pushes import PUSHED, pushed_version
from inspection.questions.models import candidate, candidate_of
from inspection.records import Artifact, Run, Step
from inspection.workspace import Workspace

BLESSINGS = ("ModelBlessing", "InfraBlessing")
_FALLBACK_REASON = "did not bless the model and left no reason"


@dataclasses.dataclass(frozen=True)
class Verdict:
    """What one validator said."""

    node: str
    step: int
    artifact: int
    blessed: bool
    reason: str | None


@dataclasses.dataclass(frozen=True)
class Fate:
    """The outcome with its evidence."""

    model: int | None
    """Id of the Model artifact; None when the run made none."""
    run: int | None
    outcome: Outcome
    reason: str | None
    """One sentence; None for a push that needs none."""
    version: int | None
    """In the base path, when it was pushed there or already was live."""
    destination: str | None
    verdicts: tuple[Verdict, ...] = ()
    failed_metrics: tuple[Metric, ...] = ()
    failed_checks: tuple[CheckRow, ...] = ()

    @property
    def headline(self) -> str:
        name = f"Model a{self.model}" if self.model is not None else "The run"
        version = f" as version {self.version}" if self.version is not None else ""
        said = f": {self.reason}" if self.reason else "."
        return {
            "pushed": f"{name} was pushed{version}.",
            "already_live": f"{name} was not pushed because it already was live{version}.",
            "refused": f"{name} was refused{said}",
            "withdrawn": f"{name} was pushed{version} and withdrawn{said}",
            "running": f"{name} is not pushed yet: {self.reason}",
        }.get(self.outcome, f"{name} was not pushed: {self.reason}")


def fate_of_run(history: History, run: Run, workspace: Workspace | None = None) -> Fate:
    """What became of the model that a run made or took from the cache.

    Args:
      history: where the run is.
      run: any run.
      workspace: with it, the metrics and checks that failed are read, too.
    """
    model = candidate(history, run)
    steps = history.steps_of(run.id)
    if model is None:
        outcome, reason = _end(history, steps)
        return Fate(None, run.id, outcome, reason, None, None)
    about = [step for step in steps if candidate_of(history, step) == model]
    return _fate(history, model, run.id, about, steps, workspace)


def fate_of_model(history: History, model: Artifact, workspace: Workspace | None = None) -> Fate:
    """What became of a model the last time that it was judged."""
    about = [step for step in history.consumers(model.id) if candidate_of(history, step) == model]
    judged = [step.run for step in about if step.run is not None]
    producer = history.producer(model.id)
    run = judged[-1] if judged else (producer.run if producer else None)
    steps = history.steps_of(run) if run is not None else about
    return _fate(history, model, run, [step for step in about if step.run == run], steps, workspace)


def _fate(
    history: History,
    model: Artifact,
    run: int | None,
    about: Sequence[Step],
    steps: Sequence[Step],
    workspace: Workspace | None,
) -> Fate:
    verdicts = tuple(_verdicts(history, about))
    refusals = [verdict for verdict in verdicts if not verdict.blessed]
    pushes = [
        (step, artifact)
        for step in about
        for artifact in history.output_artifacts(step.id)
        if artifact.type == PUSHED
    ]
    version = destination = None
    if pushes:
        outcome, reason, version, destination = _push(*pushes[-1])
        reason = reason or (_reasons(refusals) if outcome == "refused" else None)
    elif refusals:
        outcome, reason = "refused", _reasons(refusals)
    else:
        outcome, reason = _end(history, steps)
    metrics, checks = _evidence(history, about, workspace) if workspace else ((), ())
    return Fate(model.id, run, outcome, reason, version, destination, verdicts, metrics, checks)


def _verdicts(history: History, steps: Sequence[Step]) -> list[Verdict]:
    return [
        Verdict(
            step.node,
            step.id,
            artifact.id,
            artifact.properties.get("blessed") == 1,
            str(artifact.properties["reason"]) if "reason" in artifact.properties else None,
        )
        for step in steps
        for artifact in history.output_artifacts(step.id)
        if artifact.type in BLESSINGS
    ]


def _reasons(refusals: Sequence[Verdict]) -> str:
    return " ".join(verdict.reason or f"{verdict.node} {_FALLBACK_REASON}." for verdict in refusals)


def _push(step: Step, pushed: Artifact) -> tuple[Outcome, str | None, int | None, str | None]:
    found = pushed.properties
    version = pushed_version(pushed)
    destination = str(found["pushed_destination"]) if "pushed_destination" in found else None
    reason = str(found["reason"]) if found.get("reason") else None
    # The standard Pusher leaves only `pushed`.
    outcome = found.get("outcome") or ("pushed" if found.get("pushed") == 1 else "refused")
    if outcome == "already_live" or (outcome == "pushed" and step.state == "cached"):
        return "already_live", reason, version, destination
    if outcome == "pushed":
        return "pushed", None, version, destination
    if outcome == "withdrawn":
        return "withdrawn", reason, version, destination
    return "refused", reason, None, None


def _end(history: History, steps: Sequence[Step]) -> tuple[Outcome, str]:
    """How a run ended that did not come to a push."""
    for step in steps:
        if step.state in ("failed", "canceled"):
            return "failed", f"{step.node} ({short(step)}) {step.state}."
    for step in steps:
        if step.state in ("running", "new"):
            return "running", f"{step.node} ({short(step)}) is running."
    if not steps:
        return "unfinished", "no step of the run was recorded."
    return "unfinished", f"the run ended with {steps[-1].node}, before any push."


def _evidence(
    history: History, about: Sequence[Step], workspace: Workspace
) -> tuple[tuple[Metric, ...], tuple[CheckRow, ...]]:
    metrics: list[Metric] = []
    checks: list[CheckRow] = []
    for step in about:
        uris = {artifact.type: artifact.uri for artifact in history.output_artifacts(step.id)}
        if "ModelBlessing" in uris:
            found = read_metrics(workspace, uris["ModelBlessing"], uris.get("ModelEvaluation"))
            metrics += [metric for metric in found if metric.ok is False]
        if "InfraBlessing" in uris:
            verdict = workspace.read(ServingVerdict, uris["InfraBlessing"])
            checks += [check for check in verdict.checks if not check.ok] if verdict else []
    return tuple(metrics), tuple(checks)
