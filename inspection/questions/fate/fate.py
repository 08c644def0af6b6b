"""What became of a model, and why: live, superseded, rolled back, withdrawn, refused, never judged.

The same answer wherever a model is shown, in words, tables, graphs and badges.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from documents.serving_verdict import CheckRow, ServingVerdict
from inspection.answer import Answer
from inspection.evidence.metrics import Metric, read_metrics
from inspection.evidence.validations import read_validations
from inspection.files.workspace import Workspace
from inspection.history.history import History
from inspection.history.ids import short
from inspection.history.pushes import PUSHED, pushed_version, says_pushed, was_pushed
from inspection.history.records import Artifact, Run, Step
from inspection.history.states import SUCCESSFUL
from inspection.questions.fate.run_end import Outcome, end_of
from inspection.questions.fate.standing import TAKEN_BACK, Standing, Standings
from inspection.questions.fate.verdicts import Verdict, read_verdicts
from inspection.questions.models.models import candidate, candidate_id, is_model

_PUSHES = ("pushed", "already_live", "withdrawn")


@dataclasses.dataclass(frozen=True)
class Fate(Answer):
    """The outcome with its evidence."""

    ROWS = "verdicts"

    model: int | None
    """Id of the Model artifact; None when the run made none."""
    run: int | None
    outcome: Outcome
    """Of the run: what it did with the model."""
    reason: str | None
    """One sentence; None for a push that needs none."""
    version: int | None
    """In the base path, when it was pushed there or already was live."""
    destination: str | None
    standing: Standing | None = None
    """How that version stands now."""
    verdicts: tuple[Verdict, ...] = ()
    failed_metrics: tuple[Metric, ...] = ()
    failed_checks: tuple[CheckRow, ...] = ()
    elsewhere: tuple[Standing, ...] = ()
    """How it stands in other base paths that the run pushed it to."""

    @property
    def word(self) -> str:
        """The fate in a word: `live`, `superseded`, `rolled_back`, `withdrawn`, `refused`, …"""
        return self.standing.word if self.standing and self.outcome in _PUSHES else self.outcome

    @property
    def why(self) -> str | None:
        """Why it is not live, where somebody said so."""
        return (self.standing.reason if self.standing else None) or self.reason

    @property
    def has_failed(self) -> bool:
        """Whether the run came to no end, which says more than what became of its model."""
        return self.outcome in ("failed", "killed")

    @property
    def taken_back(self) -> bool:
        """Whether it was refused, or pushed and then rolled back or withdrawn."""
        return self.word in ("refused", *TAKEN_BACK)

    @property
    def headline(self) -> str:
        """The answer in a sentence."""
        name = f"Model a{self.model}" if self.model is not None else "The run"
        if self.standing and self.elsewhere:
            first = f"In {self.standing.base_path} {name[0].lower()}{name[1:]} {self.standing.told}"
            return " ".join((first, *(f"In {e.base_path} it {e.told}" for e in self.elsewhere)))
        if self.standing and self.outcome in _PUSHES:
            told = f"{name} {self.standing.told}"
            new = self.outcome != "already_live"
            return told if new else f"Nothing new was pushed: m{told[1:]}"
        version = f" as version {self.version}" if self.version is not None else ""
        said = f": {self.reason}" if self.reason else "."
        return {
            "pushed": f"{name} was pushed{version}.",
            "already_live": f"{name} already was live{version}.",
            "refused": f"{name} was refused{said}",
            "withdrawn": f"{name} was pushed{version} and withdrawn{said}",
            "running": f"{name} is not pushed yet: {self.reason}",
            "unknown": f"{name} may have come to its end: {self.reason}"
            if self.model is None
            else f"What became of model a{self.model} is not known: {self.reason}",
            "complete": f"The run is complete: {self.reason}"
            if self.model is None
            else f"{name} is not pushed: {self.reason}",
        }.get(self.outcome, f"{name} was not pushed: {self.reason}")


def fate_of_run(
    history: History,
    run: Run,
    workspace: Workspace | None = None,
    standings: Standings | None = None,
    *,
    evidence: bool = True,
) -> Fate:
    """What became of the model that a run made or took from the cache.

    Args:
      history: where the run is.
      run: any run.
      workspace: with it, reasons are read that are not in the store.
      standings: with them, it is said how a pushed version stands now.
      evidence: whether metrics and checks that failed are read as well.
    """
    model = candidate(history, run)
    steps = history.last_steps_of(run.id)
    if model is None:
        outcome, reason = end_of(history, run, steps)
        return Fate(None, run.id, outcome, reason, None, None)
    about = [
        step
        for step in history.steps_of(run.id)
        if candidate_id(history, step.id) == model.id and _counts(history, step)
    ]
    return _fate(history, model, run.id, about, steps, workspace, standings, evidence)


def fate_of_model(
    history: History,
    model: Artifact,
    workspace: Workspace | None = None,
    standings: Standings | None = None,
    *,
    evidence: bool = True,
) -> Fate:
    """What became of a model: where it was ever pushed, how that version stands; else what was
    said the last time that it was judged. Arguments are those of `fate_of_run`."""
    about = [
        each
        for each in history.consumers(model.id)
        if candidate_id(history, each.id) == model.id and _counts(history, each)
    ]
    judged = [step.run for step in about if step.run is not None]
    pushing = [step for step in about if any(map(was_pushed, history.output_artifacts(step.id)))]
    # The run that pushed it, not one that found it live already.
    pushed = [step for step in pushing if step.state != "cached"] or pushing
    pushed = [step for step in pushed if not _already_live(history, step)] or pushed
    producer = history.producer(model.id)
    half = _left_behind(history, model, producer) if producer and not about else None
    if half:
        return half
    runs = [step.run for step in pushed] or judged or [producer.run if producer else None]
    run = runs[-1]
    steps = history.last_steps_of(run) if run is not None else about
    of_run = [step for step in about if step.run == run]
    fate = _fate(history, model, run, of_run, steps, workspace, standings, evidence)
    # A version that a killed run had published is told of by the next run, which found it live.
    return dataclasses.replace(fate, outcome="pushed") if fate.outcome == "already_live" else fate


def word_of(
    history: History, artifact: Artifact, workspace: Workspace, standings: Standings
) -> str | None:
    """The fate of a model, or of the version that a PushedModel stands for, in a word or two; None
    for anything else."""
    if is_model(history, artifact):
        fate = fate_of_model(history, artifact, workspace, standings, evidence=False)
        return fate.word.replace("_", " ")
    standing = standings.of(artifact)
    return standing.word.replace("_", " ") if standing else None


def _left_behind(history: History, model: Artifact, producer: Step) -> Fate | None:
    """The fate of what an attempt left that came to nothing and was tried again."""
    later = history.next_attempt(producer)
    if later is None or producer.state in SUCCESSFUL:
        return None
    reason = f"{producer.node} ({short(producer)}) {producer.state}, and {short(later)} came after."
    return Fate(model.id, producer.run, "failed", reason, None, None)


def _counts(history: History, step: Step) -> bool:
    """Whether what a step found or did still holds: a verdict that was given again does not, but
    what was pushed stays pushed."""
    return not history.is_replaced(step) or (
        step.state in SUCCESSFUL and any(map(was_pushed, history.output_artifacts(step.id)))
    )


def _already_live(history: History, step: Step) -> bool:
    return any(
        each.properties.get("outcome") == "already_live"
        for each in history.output_artifacts(step.id)
    )


def _fate(
    history: History,
    model: Artifact,
    run: int | None,
    about: Sequence[Step],
    steps: Sequence[Step],
    workspace: Workspace | None,
    standings: Standings | None,
    evidence: bool,
) -> Fate:
    verdicts = read_verdicts(history, about, steps, workspace)
    refusals = [each for each in verdicts if each.decides and not each.blessed]
    pushes = [
        (step, artifact)
        for step in about
        for artifact in history.output_artifacts(step.id)
        if artifact.type == PUSHED
    ]
    version = destination = standing = None
    elsewhere: tuple[Standing, ...] = ()
    if pushes:
        push, elsewhere = _of_several(pushes, standings)
        outcome, reason, version, destination = _push(*push)
        reason = reason or (_reasons(refusals) if outcome == "refused" else None)
        if standings and outcome in _PUSHES:
            standing = standings.of(push[1])
    elif refusals:
        outcome, reason = "refused", _reasons(refusals)
    else:
        of_run = history.runs.get(run) if run is not None else None
        outcome, reason = end_of(history, of_run, steps)
    read = _evidence(history, about, workspace) if workspace and evidence else ((), ())
    return Fate(
        *(model.id, run, outcome, reason, version, destination, standing, verdicts, *read),
        elsewhere,
    )


def _of_several(
    pushes: Sequence[tuple[Step, Artifact]], standings: Standings | None
) -> tuple[tuple[Step, Artifact], tuple[Standing, ...]]:
    """The push that tells the fate, which is one of what is live, or the last one; and how the
    model stands in other base paths."""
    if standings is None or len(pushes) < 2:
        return pushes[-1], ()
    of_base: dict[str, tuple[tuple[Step, Artifact], Standing]] = {}
    for push in pushes:
        standing = standings.of(push[1])
        if standing:
            of_base[standing.base_path] = push, standing
    if len(of_base) < 2:
        return pushes[-1], ()
    live = [push for push, standing in of_base.values() if standing.word == "live"]
    chosen = live[-1] if live else [push for push, _ in of_base.values()][-1]
    return chosen, tuple(found for push, found in of_base.values() if push is not chosen)


def _reasons(refusals: Sequence[Verdict]) -> str:
    if not refusals:
        return "the Pusher did not push it and left no reason."
    return " ".join(verdict.reason or verdict.without_reason for verdict in refusals)


def _push(step: Step, pushed: Artifact) -> tuple[Outcome, str | None, int | None, str | None]:
    found = pushed.properties
    version = pushed_version(pushed)
    destination = str(found["pushed_destination"]) if "pushed_destination" in found else None
    reason = str(found["reason"]) if found.get("reason") else None
    # The standard Pusher leaves only `pushed`, and others may mean something else by the word.
    outcome, says = found.get("outcome"), says_pushed(pushed)
    if outcome not in (*_PUSHES, "refused"):
        outcome = "pushed" if says else "refused"
    if says is None and step.state in SUCCESSFUL:
        return (
            "unknown",
            f"{short(pushed)} does not say whether it was pushed.",
            version,
            destination,
        )
    if outcome == "already_live" or (outcome == "pushed" and step.state == "cached"):
        return "already_live", reason, version, destination
    if outcome == "pushed":
        return "pushed", None, version, destination
    if outcome == "withdrawn":
        return "withdrawn", reason, version, destination
    return "refused", reason, None, None


def _evidence(
    history: History, about: Sequence[Step], workspace: Workspace
) -> tuple[tuple[Metric, ...], tuple[CheckRow, ...]]:
    metrics: list[Metric] = []
    checks: list[CheckRow] = []
    for step in about:
        uris = {artifact.type: artifact.uri for artifact in history.output_artifacts(step.id)}
        if "ModelBlessing" in uris:
            found = read_metrics(workspace, uris["ModelBlessing"], uris.get("ModelEvaluation"))
            missed = [metric for metric in found if metric.ok is False]
            if not any(metric.ok is not None for metric in found):
                stock = read_validations(workspace, uris.get("ModelEvaluation"))
                missed = list(stock.failed) if stock else []
            metrics += missed
        if "InfraBlessing" in uris:
            verdict = workspace.read(ServingVerdict, uris["InfraBlessing"])
            checks += [check for check in verdict.checks if not check.ok] if verdict else []
    return tuple(metrics), tuple(checks)
