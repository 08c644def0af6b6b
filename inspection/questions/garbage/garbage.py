"""What can be deleted safely, and why the rest is needed."""

from __future__ import annotations

import dataclasses
import datetime
import os
from collections.abc import Mapping, Sequence

from documents.terminal.counted import counted
from inspection.answer import Answer
from inspection.files.base_path import BasePath, link_targets
from inspection.files.listed import Listed
from inspection.files.presence import Paths, Presence
from inspection.files.workspace import Workspace
from inspection.history.history import History
from inspection.history.ids import short
from inspection.history.records import Artifact
from inspection.questions.garbage.needed import REASONS, needed
from inspection.times import age

_GONE = ("deleted",)
_BUCKETS = ("gs://", "s3://", "minio://")


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
    """Artifacts of the store whose files are gone or elsewhere, or in a bucket."""
    unknown: tuple[str, ...] = ()
    """A sentence for each pipeline of which nothing is offered, since nobody knows what is
    served."""
    in_buckets: int = 0
    """Those of the missing that are in one that is not read, so that nothing of them is offered."""

    @property
    def elsewhere(self) -> str:
        """What is said of artifacts in buckets; empty without any."""
        if not self.in_buckets:
            return ""
        lie = counted(self.in_buckets, "artifact lies", "artifacts lie")
        return f"{lie} in a bucket that is not read here, so nothing of it is offered"

    @property
    def bytes(self) -> int:
        """Of all that can be deleted."""
        return sum(each.bytes for each in self.deletable)

    @property
    def headline(self) -> str:
        """The answer in a sentence."""
        kept = sum(self.needed.values())
        if not self.deletable and self.unknown:
            return f"Nothing is offered for deletion: {self.unknown[0]}"
        if not kept and not self.deletable and self.in_buckets:
            return f"Nothing is offered for deletion: {self.elsewhere}."
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


_PLACE, _YOUNG = (
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
    """Artifacts with files that neither a version, nor what speaks for it, nor the next run needs.

    All of it pipeline by pipeline. A version's evidence is what its run read and wrote, and what
    any run found out about its model. The last complete run and all since stay as they are, so
    that the next one finds its cache, and resolvers the files of what they choose.

    Args:
      history: all artifacts.
      workspace: the only place where files are looked for, with its buckets.
      bases: where versions are looked for. A version in a base path that is none of these is held
        to be served. Of a pipeline without any base path among these nothing can go, nor where
        one holds a version that nobody knows the making of.
      older_than: only what was made, and last read, longer ago.
      now: to tell an age, and what may be going on; the time of this machine by default.
    """
    now = now or datetime.datetime.now(datetime.timezone.utc)
    reasons, unknown = needed(history, workspace, bases, now)
    found: list[tuple[int, str]] = []
    places, kept = _Places(workspace), _no_artifacts(history, workspace, bases)
    count, missing, in_buckets = dict.fromkeys((*REASONS, _PLACE, _YOUNG), 0), 0, 0
    limit = now - older_than if older_than else None
    for id, uri, state in history.places():
        reason = reasons.get(id)
        path = None if state in _GONE and reason is None else places.find(uri)
        if state in _GONE:
            if path is not None:
                kept.add(path)  # it may be the live version's, whoever called it deleted
            continue
        if path is None or path == str(workspace.root):
            missing += 1
            in_buckets += uri.startswith(_BUCKETS) and not places.buckets.is_read(uri)
            continue
        if reason is None and limit and not _is_old(history, history.artifacts[id], limit):
            reason = _YOUNG
        if reason is None:
            found.append((id, path))
        else:
            count[reason] += 1
            kept.add(path)
    deletable = [
        _deletable(history, history.artifacts[id], path, places.size(path))
        for id, path in found
        if not kept.touches(path)
    ]
    count[_PLACE] = len(found) - len(deletable)
    return GarbageAnswer(
        tuple(sorted(deletable, key=lambda each: -each.bytes)),
        _told(count, older_than),
        missing,
        tuple(unknown),
        in_buckets,
    )


class _Places:
    """Where the files of artifacts are: on this machine, or in a bucket of the workspace."""

    def __init__(self, workspace: Workspace) -> None:
        """Looks at nothing yet."""
        self.buckets = Listed(workspace)
        self._workspace, self._here = workspace, Presence(workspace)

    def find(self, uri: str) -> str | None:
        """A real path or an address; None where nothing is, or nobody can know."""
        if self.buckets.size(uri) is not None:
            return uri.rstrip("/")
        return self._here.find(uri)

    def size(self, place: str) -> int:
        """In bytes, of what was found."""
        size = self.buckets.size(place)
        return (self._workspace.size(place) or 0) if size is None else size


def _told(count: Mapping[str, int], older_than: datetime.timedelta | None) -> dict[str, int]:
    """The reasons that any artifact is kept for, and how many it is; what is young comes last."""
    told = {reason: number for reason, number in count.items() if number}
    if older_than and _YOUNG in told:
        told[f"younger than {age(older_than)}, or read since"] = told.pop(_YOUNG)
    return told


def _no_artifacts(history: History, workspace: Workspace, bases: Sequence[BasePath]) -> Paths:
    """Files that are no artifact's, whatever a uri says."""
    places, found = workspace.places, Paths()
    own: list[str | os.PathLike[str]] = [places.metadata, places.logs, places.checkpoints]
    own += [places.serving, places.exports, places.tuning]
    own += [base.path for base in bases] + ([history.path] if history.path else [])
    for each in own:
        found.add(os.path.realpath(each))
    for base in bases:
        for target in link_targets(base):
            found.add(target)
    return found


def _is_old(history: History, artifact: Artifact, limit: datetime.datetime) -> bool:
    """Whether it was made, and last read or taken from the cache, before `limit`.

    What has no time is held to be young.
    """
    times = [artifact.created or artifact.updated]
    times += [history.steps[event.step].started for event in history.events_of(artifact.id)]
    return all(time is not None and time < limit for time in times)


def _deletable(history: History, artifact: Artifact, path: str, size: int) -> Deletable:
    producer = history.producer(artifact.id)
    run = history.runs.get(producer.run) if producer and producer.run is not None else None
    return Deletable(
        artifact.id,
        artifact.type,
        run.name if run else None,
        path,
        size,
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
