"""What can be deleted safely, and why the rest is needed."""

from __future__ import annotations

import dataclasses
import datetime
import functools
import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from documents.counted import counted
from inspection.answer import Answer
from inspection.base_path import BasePath, match
from inspection.history import History
from inspection.ids import short
from inspection.presence import Paths, Presence
from inspection.pushes import pushed_to, pushed_version, pushes, told_destination
from inspection.questions.models import candidate_of
from inspection.records import Artifact, Run
from inspection.times import age
from inspection.workspace import Workspace

_GONE = ("deleted",)
# What they have as outputs, somebody else made.
_PASSING_ON = ("Importer", "ImporterExecution", "Resolver")


@dataclasses.dataclass(frozen=True)
class Deletable:
    """An artifact whose files nothing needs any more."""

    artifact: int
    type: str
    run: str | None
    path: str
    bytes: int


@dataclasses.dataclass(frozen=True)
class GarbageAnswer(Answer):
    """What could go; nothing was deleted."""

    ROWS = "deletable"

    deletable: tuple[Deletable, ...]
    """The largest first."""
    needed: Mapping[str, int]
    """Number of artifacts that stay, by the reason why."""
    missing: int
    """Artifacts of the store whose files are gone or elsewhere."""
    unknown: tuple[str, ...] = ()
    """A sentence for each pipeline of which nothing is offered, since nobody knows what is
    served."""

    @property
    def bytes(self) -> int:
        return sum(each.bytes for each in self.deletable)

    @property
    def headline(self) -> str:
        kept = sum(self.needed.values())
        if not self.deletable and self.unknown:
            return f"Nothing is offered for deletion: {self.unknown[0]}"
        if not kept and not self.deletable:
            return "Nothing can be deleted: no artifact of the store has files here."
        if not self.deletable:
            named = counted(kept, "artifact with files is", "artifacts with files are")
            return f"Nothing can be deleted: {'all ' if kept > 1 else ''}{named} needed."
        count = len(self.deletable)
        return (
            f"{counted(count, 'artifact')} can be deleted, {in_bytes(self.bytes)}; "
            f"{counted(kept, 'is', 'are')} needed."
        )


_LIVE, _ROLLBACK, _UNSEEN, _LAST, _COMPLETE, _RUNNING, _UNKNOWN, _FOREIGN, _PLACE, _YOUNG = (
    _REASONS
) = (
    "the live version's lineage and evidence",
    "lineage and evidence of versions that can be rolled back to or restored",
    "lineage and evidence of versions in base paths that are not at hand",
    "the last run of a pipeline, for the cache",
    "the last complete run of a pipeline, for the cache",
    "a run that is going on",
    "of a pipeline of which nobody knows what is served",
    "no run of the store made it",
    "its folder holds something that is needed, or lies in such a folder",
    "too young",
)


def garbage(
    history: History,
    workspace: Workspace,
    bases: Sequence[BasePath],
    *,
    older_than: datetime.timedelta | None = None,
    now: datetime.datetime | None = None,
) -> GarbageAnswer:
    """Artifacts with files that neither a version, nor what speaks for it, nor the cache needs.

    All of it pipeline by pipeline. A version's evidence is what its run read and wrote, and what
    any run found out about its model. The last run and the last complete one stay as they are, so
    that the next one finds its cache.

    Args:
      history: all artifacts.
      workspace: the only place where files are looked for.
      bases: where versions are looked for. A version in a base path that is none of these is held
        to be served. Of a pipeline without any base path among these nothing can go.
      older_than: only what was made, and last read, longer ago.
      now: to tell an age; needed with `older_than`.
    """
    reasons, unknown = _needed(history, workspace, bases)
    found: list[tuple[int, str]] = []
    here, kept = Presence(workspace), Paths()
    for base in bases:
        kept.add(os.path.realpath(base.path))
    needed, missing = dict.fromkeys(_REASONS, 0), 0
    limit = now - older_than if older_than and now else None
    for id, uri, state in history.places():
        if state in _GONE:
            continue
        path = here.find(uri)
        reason = reasons.get(id)
        if path is None or path == str(workspace.root):
            missing += 1
            continue
        if reason is None and limit and not _is_old(history, history.artifacts[id], limit):
            reason = _YOUNG
        if reason is None:
            found.append((id, path))
        else:
            needed[reason] += 1
            kept.add(path)
    deletable = []
    for id, path in found:
        if kept.touches(path):
            needed[_PLACE] += 1
        else:
            deletable.append(_deletable(history, history.artifacts[id], path, workspace))
    if older_than and needed[_YOUNG]:
        needed[f"younger than {age(older_than)}, or read since"] = needed.pop(_YOUNG)
    return GarbageAnswer(
        tuple(sorted(deletable, key=lambda each: -each.bytes)),
        {reason: count for reason, count in needed.items() if count},
        missing,
        tuple(unknown),
    )


def _needed(
    history: History, workspace: Workspace, bases: Sequence[BasePath]
) -> tuple[dict[int, str], list[str]]:
    """The first reason that holds, by artifact id; and the pipelines that are not understood."""
    links = history.expect_many()
    found: dict[int, str] = {}

    def keep(ids: Iterable[int], reason: str) -> None:
        for id in ids:
            found.setdefault(id, reason)

    roots: dict[str, list[Artifact]] = {reason: [] for reason in (_LIVE, _ROLLBACK, _UNSEEN)}
    for artifact, reason in _roots(history, workspace, bases):
        roots[reason].append(artifact)
    for reason, artifacts in roots.items():
        steps = {id for each in artifacts for id in _speaking_for(history, each)}
        evidence = links.touched_by(steps)
        keep(links.upstream((*evidence, *(each.id for each in artifacts))), reason)
    unknown = _not_understood(history, workspace, bases)
    by_pipeline: defaultdict[str, list[Run]] = defaultdict(list)
    for run in history.runs.values():
        by_pipeline[run.pipeline].append(run)
    for pipeline, runs in by_pipeline.items():
        for run in runs:
            if run.state == "running":
                keep(links.touched_by(run.steps), _RUNNING)
        keep(links.touched_by(runs[-1].steps), _LAST)
        for run in [run for run in runs if run.state == "complete"][-1:]:
            keep(links.touched_by(run.steps), _COMPLETE)
        if pipeline in unknown:
            keep(links.touched_by(step for run in runs for step in run.steps), _UNKNOWN)
    for id in history.artifacts:
        if id not in found:
            producer = history.producer(id)
            if producer is None or producer.run is None or producer.type.endswith(_PASSING_ON):
                found[id] = _FOREIGN
    return found, list(unknown.values())


def _roots(
    history: History, workspace: Workspace, bases: Sequence[BasePath]
) -> Iterator[tuple[Artifact, str]]:
    """What stands for versions that are there, or may be."""
    known = functools.cache(lambda recorded: match(recorded, bases, workspace))
    for artifact in pushes(history):
        recorded, number = pushed_to(artifact), pushed_version(artifact)
        base = known(recorded) if recorded else None
        if base is None or number is None:
            yield artifact, _UNSEEN
        elif number == base.live:
            yield artifact, _LIVE
        elif number in base.folders:
            yield artifact, _ROLLBACK
    # A run that was killed just after its push left a version, but no PushedModel.
    for base in bases:
        for number in base.versions:
            provenance = base.provenance(number)
            for told in (provenance.artifacts or {}).values() if provenance else ():
                named = history.artifacts.get(told.id) if told.id is not None else None
                if named and named.uri == told.uri:
                    yield named, _LIVE if number == base.live else _ROLLBACK


def _speaking_for(history: History, artifact: Artifact) -> set[int]:
    """Ids of the steps that a version was made in, and of those that found out about it."""
    producer = history.producer(artifact.id)
    model = candidate_of(history, producer) if producer else None
    steps = set(history.runs[producer.run].steps if producer and producer.run is not None else ())
    if model:
        maker = history.producer(model.id)
        steps |= {step.id for step in history.consumers(model.id)}
        steps |= set(history.runs[maker.run].steps if maker and maker.run is not None else ())
    return steps


def _not_understood(
    history: History, workspace: Workspace, bases: Sequence[BasePath]
) -> dict[str, str]:
    """A sentence on each pipeline that has no base path among `bases`, by its name."""
    told: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for artifact in pushes(history):
        place = pushed_to(artifact) or str(artifact.properties.get("pushed_destination", ""))
        told[history.pipeline_of(history.producer(artifact.id)) or ""][place] = None
    for step in history.steps.values():
        if step.type.endswith("Pusher"):
            told[history.pipeline_of(step) or ""][told_destination(step) or ""] = None
    found = {}
    for pipeline in dict.fromkeys(run.pipeline for run in history.runs.values()):
        named = [place for place in told[pipeline] if place]
        if pipeline and any(match(place, bases, workspace) for place in named):
            continue
        what = f"of pipeline {pipeline}" if pipeline else "of runs without a pipeline"
        found[pipeline] = f"{what} nobody can say which models are served: " + (
            f"it pushes to {named[-1]}, which is not at hand; name its base path with --base-path."
            if named
            else "no push of it is recorded."
        )
    return found


def _is_old(history: History, artifact: Artifact, limit: datetime.datetime) -> bool:
    """Whether it was made, and last read or taken from the cache, before `limit`.

    What has no time is held to be young.
    """
    times = [artifact.created or artifact.updated]
    times += [history.steps[event.step].started for event in history.events_of(artifact.id)]
    return all(time is not None and time < limit for time in times)


def _deletable(history: History, artifact: Artifact, path: str, workspace: Workspace) -> Deletable:
    producer = history.producer(artifact.id)
    run = history.runs.get(producer.run) if producer and producer.run is not None else None
    return Deletable(
        artifact.id,
        artifact.type,
        run.name if run else None,
        path,
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
