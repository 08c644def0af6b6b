"""What can be deleted safely, and why the rest is needed."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from inspection.base_path import BasePath
from inspection.history import History
from inspection.ids import short
from inspection.questions.lineage import ancestors
from inspection.questions.models import PUSHED
from inspection.records import Artifact, Run
from inspection.workspace import Workspace

_GONE = ("deleted",)


@dataclasses.dataclass(frozen=True)
class Deletable:
    """An artifact whose files nothing needs any more."""

    artifact: int
    type: str
    run: str | None
    path: str
    bytes: int


@dataclasses.dataclass(frozen=True)
class GarbageAnswer:
    """What could go; nothing was deleted."""

    deletable: tuple[Deletable, ...]
    """The largest first."""
    needed: Mapping[str, int]
    """Number of artifacts that stay, by the reason why."""
    missing: int
    """Artifacts of the store whose files are gone or elsewhere."""

    @property
    def bytes(self) -> int:
        return sum(each.bytes for each in self.deletable)

    @property
    def headline(self) -> str:
        kept = sum(self.needed.values())
        if not self.deletable:
            return f"Nothing can be deleted: all {kept} artifacts with files are needed."
        count = len(self.deletable)
        return (
            f"{count} artifact{'s' if count != 1 else ''} can be deleted, {in_bytes(self.bytes)}; "
            f"{kept} are needed."
        )


def garbage(history: History, workspace: Workspace, bases: Sequence[BasePath]) -> GarbageAnswer:
    """Artifacts with files, outside the lineage of what is served or may be again.

    What the last run and the last complete one read or wrote stays, too, so that the next one
    finds its cache.

    Args:
      history: all artifacts.
      workspace: the only place where files are looked for.
      bases: where models were pushed to. Without any nobody knows which versions are still there,
        so whatever was pushed is held to be.
    """
    reasons = _needed(history, bases)
    deletable, needed, missing = [], dict.fromkeys(_REASONS, 0), 0
    shared = set()
    for artifact in history.artifacts.values():
        if artifact.state in _GONE:
            continue
        path = workspace.find(artifact.uri) if artifact.uri else None
        if artifact.id in reasons:
            shared.add(path)
        if path is None or path == workspace.root:
            missing += 1
        elif artifact.id in reasons:
            needed[reasons[artifact.id]] += 1
        else:
            deletable.append(_deletable(history, artifact, path, workspace))
    deletable = [each for each in deletable if Path(each.path) not in shared]
    return GarbageAnswer(
        tuple(sorted(deletable, key=lambda each: -each.bytes)),
        {reason: count for reason, count in needed.items() if count},
        missing,
    )


_LIVE, _ROLLBACK, _LAST, _COMPLETE, _RUNNING = _REASONS = (
    "the live version's lineage",
    "the lineage of versions that can be rolled back to or restored",
    "the last run, for the cache",
    "the last complete run, for the cache",
    "a run that is going on",
)


def _needed(history: History, bases: Sequence[BasePath]) -> dict[int, str]:
    """The first reason that holds, by artifact id."""
    found: dict[int, str] = {}
    for artifact, reason in _roots(history, bases):
        for each in (artifact, *ancestors(history, artifact.id)):
            found.setdefault(each.id, reason)
    runs = list(history.runs.values())
    for run in runs:
        if run.state == "running":
            _keep(history, run, _RUNNING, found)
    for run in runs[-1:]:
        _keep(history, run, _LAST, found)
    for run in [run for run in runs if run.state == "complete"][-1:]:
        _keep(history, run, _COMPLETE, found)
    return found


def _roots(history: History, bases: Sequence[BasePath]) -> Iterator[tuple[Artifact, str]]:
    """What stands for the versions in the base paths, the live ones first."""
    live = {base.live for base in bases}
    others = {number for base in bases for number in (*base.versions, *base.withdrawn)}
    pushed = [each for each in history.artifacts.values() if each.type == PUSHED]
    numbers = [str(each.properties.get("pushed_version", "")) for each in pushed]
    for wanted, reason in ((live, _LIVE), (others, _ROLLBACK)):
        for artifact, number in zip(pushed, numbers, strict=True):
            if number.isdigit() and (not bases or int(number) in wanted):
                yield artifact, reason if bases else _ROLLBACK


def _keep(history: History, run: Run, reason: str, found: dict[int, str]) -> None:
    for step in run.steps:
        for event in (*history.inputs(step), *history.outputs(step)):
            found.setdefault(event.artifact, reason)


def _deletable(history: History, artifact: Artifact, path: Path, workspace: Workspace) -> Deletable:
    producer = history.producer(artifact.id)
    run = history.runs.get(producer.run) if producer and producer.run is not None else None
    return Deletable(
        artifact.id,
        artifact.type,
        run.name if run else None,
        str(path),
        workspace.size(artifact.uri) or 0,
    )


def in_bytes(count: int) -> str:
    """`512 B`, `1.4 MB`."""
    size = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"


def described(history: History, each: Deletable) -> str:
    """`a12 Model of run …`."""
    run = f" of run {each.run}" if each.run else ""
    return f"{short(history.artifacts[each.artifact])} {each.type}{run}"
