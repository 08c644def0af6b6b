"""What became of a version since it was pushed: it is live, was live, or was taken back; why."""

from __future__ import annotations

import dataclasses
import datetime
import functools
from collections.abc import Mapping, Sequence
from typing import Literal

from inspection.files.base_path import BasePath, match
from inspection.files.workspace import Workspace
from inspection.history.history import History
from inspection.history.pushes import pushed_to, pushed_version, was_pushed
from inspection.history.records import Artifact
from inspection.questions.fate.changes import Change, ledger_changes, store_changes
from inspection.times import at_utc

Word = Literal["live", "superseded", "rolled_back", "withdrawn", "removed", "pushed"]
"""`pushed` where nobody can say more, since the base path is not at hand; `removed` has left its
base path without a trace in a ledger."""

TAKEN_BACK = ("rolled_back", "withdrawn")


@dataclasses.dataclass(frozen=True)
class Standing:
    """A version as it stands now."""

    version: int
    base_path: str
    word: Word
    since: datetime.datetime | None = None
    """When it became live for the last time."""
    until: datetime.datetime | None = None
    """When it ceased to be."""
    changed: datetime.datetime | None = None
    """When it was taken back."""
    reason: str | None = None
    """Why it was taken back; None where nobody said."""
    by: int | None = None
    """The version that took its place."""
    pruned: datetime.datetime | None = None
    is_part: bool = False
    """Whether its folder is there, without `saved_model.pb`."""

    @property
    def told(self) -> str:
        """The rest of a sentence that begins with a model."""
        version, was = f"as version {self.version}", ""
        if self.since and self.until:
            was = f", was live from {at_utc(self.since)} to {at_utc(self.until)}"
        at = f" at {at_utc(self.changed)}" if self.changed else ""
        why = f": {self.reason.rstrip('.')}." if self.reason else "."
        gone = f" It was pruned at {at_utc(self.pruned)}." if self.pruned else ""
        return {
            "live": f"is live {version}{f', since {at_utc(self.since)}' if self.since else ''}.",
            "superseded": f"was pushed {version}{was}, and superseded"
            f"{f' by version {self.by}' if self.by is not None else ''}.{gone}",
            "rolled_back": f"was pushed {version}{was}, and rolled back{at}{why}{gone}",
            "withdrawn": f"was pushed {version}{was}, and withdrawn{at}{why}{gone}",
            "removed": f"was pushed {version}, which is no longer in {self.base_path}."
            if not self.is_part
            else f"was pushed {version}, whose folder in {self.base_path} holds no saved_model.pb.",
            "pushed": f"was pushed {version}; whether it is live only {self.base_path} says, which "
            "is not at hand.",
        }[self.word]


class Standings:
    """The versions of a store, held against the base paths that are at hand."""

    def __init__(
        self, history: History, workspace: Workspace | None = None, bases: Sequence[BasePath] = ()
    ) -> None:
        """Reads nothing until it is asked."""
        self._history = history
        self._workspace = workspace
        self._bases = bases
        self._changes: dict[str, tuple[BasePath | None, Mapping[int, Sequence[Change]]]] = {}

    def of(self, artifact: Artifact) -> Standing | None:
        """How the version of a PushedModel stands; None where none was pushed."""
        number = pushed_version(artifact) if was_pushed(artifact) else None
        if number is None:
            return None
        recorded = pushed_to(artifact) or str(artifact.properties.get("pushed_destination", ""))
        base, changes = self._of_base(recorded)
        return standing(number, base.path if base else recorded, base, changes.get(number, ()))

    def _of_base(self, recorded: str) -> tuple[BasePath | None, Mapping[int, Sequence[Change]]]:
        if recorded not in self._changes:
            base = None
            if self._workspace:
                base = match(self._history, recorded, self._bases, self._workspace)
            changes: Sequence[Change] = ledger_changes(base.ledger, base.path) if base else ()
            changes = changes or self._recorded.get(recorded, ())
            self._changes[recorded] = base, _by_version(changes)
        return self._changes[recorded]

    @functools.cached_property
    def _recorded(self) -> dict[str, list[Change]]:
        found: dict[str, list[Change]] = {}
        for change in store_changes(self._history):
            found.setdefault(change.base_path, []).append(change)
        return found


def _by_version(changes: Sequence[Change]) -> Mapping[int, Sequence[Change]]:
    """The changes that are about a version, by its number."""
    found: dict[int, list[Change]] = {}
    for each in changes:
        about = (each.version, each.live_before, each.live_after, *each.withdrawn, *each.pruned)
        for number in dict.fromkeys(about):
            if number is not None:
                found.setdefault(number, []).append(each)
    return found


def standing(
    version: int, base_path: str, base: BasePath | None, changes: Sequence[Change]
) -> Standing:
    """What a base path and the changes of it say about one version.

    Args:
      version: its number.
      base_path: for people.
      base: the base path as it is now; None when it is not at hand.
      changes: of it that are about this version, oldest first.
    """
    found = Standing(version, base_path, "pushed")
    for change in changes:
        found = _after(found, change)
    if base is None:
        # What the store says last may have changed since.
        return dataclasses.replace(found, word="pushed") if found.word == "live" else found
    if base.live == version:
        since = found.since if found.word == "live" else None
        return Standing(version, base_path, "live", since)
    if found.word in ("live", "pushed") or (
        found.word == "superseded" and version not in base.folders and not found.pruned
    ):
        newer = base.live if base.live is not None and base.live > version else None
        gone = version not in base.folders
        word: Word = "removed" if gone or newer is None else "superseded"
        part = not gone and version not in (*base.versions, *base.withdrawn)
        return dataclasses.replace(found, word=word, by=newer, is_part=part)
    return found


def _after(found: Standing, change: Change) -> Standing:
    number = found.version
    became = change.live_after == number and change.live_before != number
    ceased = change.live_before == number and change.live_after != number
    if became:
        found = Standing(number, found.base_path, "live", since=change.time)
    elif ceased:
        found = dataclasses.replace(
            found, word="superseded", until=change.time, by=change.live_after
        )
    elif change.action == "restore" and change.version == number:
        found = dataclasses.replace(found, word="superseded", by=change.live_after, reason=None)
    if change.action == "publish" and change.version == number and not became:
        found = Standing(number, found.base_path, "superseded", by=change.live_after)
    taken: Word | None = None
    if change.action == "withdraw" and change.version == number:
        taken = "withdrawn"
    elif change.action == "rollback" and (number in change.withdrawn or ceased):
        taken = "rolled_back"
    if taken:
        found = dataclasses.replace(
            found, word=taken, changed=change.time, reason=change.reason, by=None
        )
    if number in change.pruned:
        found = dataclasses.replace(found, pruned=change.time)
    return found
