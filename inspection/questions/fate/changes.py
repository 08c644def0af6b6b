"""Changes of what base paths offer, as a ledger or a store tells them."""

from __future__ import annotations

import dataclasses
import datetime
import functools
from collections.abc import Iterable, Iterator, Mapping, Sequence

from inspection.history.history import History
from inspection.history.pushes import pushed_to, pushed_version, pushes
from inspection.history.records import Value
from inspection.times import parse_time
from serving.base_path.ledger import Entry

_UNDONE = "undone"
_RECORDED_PREFIX = "serving."
"""Execution types of changes that `python -m serving` records in a metadata store."""


@dataclasses.dataclass(frozen=True)
class Change:
    """A change of what a base path offers."""

    time: datetime.datetime | None
    action: str
    """publish, confirm, rollback, withdraw, restore or prune."""
    version: int
    live_before: int | None
    live_after: int | None
    reason: str | None
    base_path: str
    withdrawn: tuple[int, ...] = ()
    """By a rollback."""
    pruned: tuple[int, ...] = ()


def ledger_changes(entries: Iterable[Entry], base_path: str) -> list[Change]:
    """The entries of a ledger, with what was live filled in where old ones do not say."""
    changes: list[Change] = []
    live: int | None = None
    for entry in entries:
        before = entry.live_before if entry.live_before is not None else live
        after = entry.live_after
        if after is None and entry.action == "publish":
            after = max(entry.version, before or 0)
        changes.append(
            Change(
                parse_time(entry.time),
                entry.action,
                entry.version,
                before,
                after,
                entry.reason,
                base_path,
                entry.withdrawn,
                entry.pruned,
            )
        )
        live = after
    return changes


@functools.lru_cache(maxsize=2)
def store_changes(history: History) -> Sequence[Change]:
    """Pushes, and the changes that `python -m serving` recorded, oldest first."""
    pushed_there: list[_Told] = []
    for artifact in pushes(history):
        pushed, told = pushed_version(artifact), artifact.properties
        base = pushed_to(artifact) or str(told.get("pushed_destination", ""))
        nothing_new = told.get("outcome") == "already_live" and told.get("pushed") != 1
        if pushed is None or nothing_new:
            continue
        pushed_there.append((artifact.created, "publish", pushed, {}, base))
        if told.get("outcome") == "withdrawn":
            # It was there for as long as it took a model server not to confirm it.
            undone: Mapping[str, Value] = {"reason": str(told.get("reason", "")), _UNDONE: 1}
            at = artifact.updated or artifact.created
            pushed_there.append((at, "withdraw", pushed, undone, base))
    recorded: list[_Told] = []
    for id in history.steps.of_types(_is_recorded):
        step = history.steps[id]
        action = step.type.removeprefix(_RECORDED_PREFIX)
        version = step.properties.get("version")
        if isinstance(version, int):
            base = str(step.properties.get("base_path", ""))
            recorded.append((step.started, action, version, step.properties, base))
    raw = sorted((*_in_order(pushed_there), *_in_order(recorded)), key=lambda each: each[0])
    live: dict[str, int | None] = {}
    earlier: dict[str, int | None] = {}
    changes = []
    for _, (time, action, version, found, base) in raw:
        before = live.get(base)
        if found.get(_UNDONE):
            after = earlier.get(base)
        else:
            after = _number(found["live_after"]) if "live_after" in found else version
        reason = str(found["reason"]) if found.get("reason") else None
        changes.append(Change(time, action, version, before, after, reason, base))
        live[base], earlier[base] = after, before
    return tuple(changes)


_Told = tuple[datetime.datetime | None, str, int, Mapping[str, Value], str]
"""When, what, which version, what is told of it, and the base path."""


def _in_order(told: Iterable[_Told]) -> Iterator[tuple[float, _Told]]:
    """With what to sort them by: their times, but for a clock that was set back, since what a store
    recorded later happened later."""
    latest: dict[str, float] = {}
    for each in told:
        time, base = each[0], each[-1]
        at = max(time.timestamp() if time else 0.0, latest.get(base, 0.0))
        latest[base] = at
        yield at, each


def _is_recorded(type: str) -> bool:
    return type.startswith(_RECORDED_PREFIX)


def live_at(changes: Sequence[Change], time: datetime.datetime | None) -> int | None:
    """The version that was live at `time`, or after all of them: the clock of who made a change may
    be ahead of this one, and it has happened all the same."""
    live = None
    for change in changes:
        if time is None or change.time is None or change.time <= time:
            live = change.live_after
    return live


def _number(value: Value) -> int | None:
    return value if isinstance(value, int) and value > 0 else None
