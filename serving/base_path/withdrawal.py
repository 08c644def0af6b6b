"""Changes of which versions a base path offers: roll back, withdraw, restore, prune.

On this machine each is a rename in its turn, so what is live changes at most once and never to
half a version. docs/base_path.md says what servers see meanwhile, and how object stores differ.
"""

from __future__ import annotations

import dataclasses
import os
import time
from collections.abc import Callable

from documents.base_path_change import Move
from documents.saved_model import SAVED_MODEL
from serving.base_path import copying, exports, journal, ledger, storage
from serving.base_path.changes import (
    Change,
    ChangeError,
    State,
    plan_prune,
    plan_restore,
    plan_rollback,
    plan_withdraw,
)
from serving.base_path.content import MANIFEST, content_digest
from serving.base_path.state import Base, described, read_state
from serving.base_path.versions import (
    STAGING,
    WITHDRAWN,
    Version,
    numbered,
    provenance_of,
    version_digest,
)

_Moves = list[Move]


def withdraw(
    base_path: Base,
    number: int,
    *,
    reason: str,
    leave_nothing: bool = False,
    dry_run: bool = False,
) -> Change:
    """Takes a version away from the model servers; its files stay in `.withdrawn-<number>`.

    Args:
      base_path: of the version.
      number: of the version.
      reason: for the ledger.
      leave_nothing: whether it may be the only one.
      dry_run: only says what would be done.

    Raises:
      ChangeError: nothing was changed; also when it would leave nothing live.
      BasePathError: the base path cannot be used.
    """
    return _change(
        os.fspath(base_path),
        lambda state: plan_withdraw(state, number, leave_nothing=leave_nothing),
        lambda state, change: _withdrawals(state, change.withdrawn),
        lambda done: (done.action, done.version) == ("withdraw", number),
        reason=reason,
        dry_run=dry_run,
    )


def rollback(
    base_path: Base, to: int | None = None, *, reason: str | None = None, dry_run: bool = False
) -> Change:
    """Makes an older version live by withdrawing all that are newer, the live one last.

    Args:
      base_path: of the versions.
      to: the version to make live; the next older one by default.
      reason: for the ledger.
      dry_run: only says what would be done.

    Raises:
      ChangeError: nothing was changed.
      BasePathError: the base path cannot be used.
    """
    return _change(
        os.fspath(base_path),
        lambda state: plan_rollback(state, to),
        lambda state, change: _withdrawals(state, change.withdrawn),
        lambda done: done.action == "rollback" and to in (None, done.version),
        reason=reason,
        dry_run=dry_run,
    )


def restore(base_path: Base, number: int, *, dry_run: bool = False) -> Change:
    """Gives a withdrawn version back to the model servers, if its content is what was published.

    Raises:
      ChangeError: nothing was changed.
      BasePathError: the base path cannot be used.
    """

    def moves(state: State, change: Change) -> _Moves:
        name = numbered(state.base, WITHDRAWN)[number][0]
        folder = os.path.join(state.base, name)
        known = _known_digest(state.base, number, folder)
        if known is not None and content_digest(folder) != known:
            raise ChangeError(
                f"Version {number} was changed since it was published: its content is no longer "
                f"{known}; publish the model again."
            )
        return [(name, str(number))]

    return _change(
        os.fspath(base_path),
        lambda state: plan_restore(state, number),
        moves,
        lambda done: (done.action, done.version) == ("restore", number),
        reason=None,
        dry_run=dry_run,
    )


def prune(
    base_path: Base,
    keep: int,
    *,
    withdrawn: bool = False,
    leftovers: float | None = None,
    dry_run: bool = False,
) -> Change:
    """Removes old versions for good, and what dead publishers left.

    Args:
      base_path: of the versions.
      keep: how many of the newest complete versions stay, 1 or more. With 2 or more, the version
        with which the live one was compared stays as well.
      withdrawn: whether withdrawn versions go too.
      leftovers: also removes unfinished copies that nobody touched for so many seconds.
      dry_run: only says what would be done.

    Raises:
      ChangeError: nothing was changed.
      BasePathError: the base path cannot be used.
    """
    base = os.fspath(base_path)

    def plan(state: State) -> Change:
        change = plan_prune(state, keep, withdrawn=withdrawn)
        names = [name for name, _ in _removals(state, change)]
        unfinished = _leftovers(state, leftovers)
        paths = [os.path.join(base, name) for name in (*names, *unfinished)]
        freed = sum(storage.usage(path)[0] for path in paths)
        return dataclasses.replace(change, leftovers=tuple(unfinished), freed_bytes=freed)

    change = _change(base, plan, _removals, lambda done: False, reason=None, dry_run=dry_run)
    if not dry_run and storage.exists(base):
        with described(base), journal.turn(base):
            # Others may have had their turn: what is complete by now is served.
            still = _leftovers(read_state(base), leftovers)
            gone = tuple(name for name in change.leftovers if name in still)
            for name in sorted({*gone, *_named(base, journal.PRUNED)}):
                copying.discard(os.path.join(base, name))
            return dataclasses.replace(change, leftovers=gone)
    return change


def _change(
    base: str,
    plan: Callable[[State], Change],
    moves: Callable[[State, Change], _Moves],
    asked: Callable[[ledger.Entry], bool],
    *,
    reason: str | None,
    dry_run: bool,
) -> Change:
    """Plans a change and makes it, unless it is the one that was interrupted (`asked`)."""
    with described(base):
        if dry_run or not storage.exists(base):
            return dataclasses.replace(plan(read_state(base)), reason=reason)
        with journal.turn(base) as completed:
            state = read_state(base)
            exports.follow(base, state.versions, state.withdrawn)
            if completed is not None and asked(completed):
                return _made(completed)
            change = dataclasses.replace(plan(state), reason=reason)
            if change.version is None:
                return change
            entry = ledger.Entry(
                time=ledger.now(),
                action=change.action,
                version=change.version,
                live_before=change.live_before,
                live_after=change.live_after,
                content_digest=_digest(state, change.version),
                reason=reason,
                # As the ledger has it, which lists these of a rollback alone: whoever completes the
                # change looks there for this very entry.
                withdrawn=change.withdrawn if change.action == "rollback" else (),
                pruned=change.pruned,
            )
            journal.carry_out(base, entry, moves(state, change))
            restored = [change.version] if change.action == "restore" else []
            exports.follow(base, restored, change.withdrawn)
            return change


def _made(entry: ledger.Entry) -> Change:
    return Change(
        entry.action,
        entry.version,
        entry.live_before,
        entry.live_after,
        withdrawn=(entry.version,) if entry.action == "withdraw" else entry.withdrawn,
        pruned=entry.pruned,
        reason=entry.reason,
    )


def _withdrawals(state: State, numbers: tuple[int, ...]) -> _Moves:
    names = numbered(state.base)
    return [(names[number][0], f"{WITHDRAWN}{number}") for number in sorted(numbers)]


def _removals(state: State, change: Change) -> _Moves:
    offered, withdrawn = numbered(state.base), numbered(state.base, WITHDRAWN)
    return [
        ((offered if number in state.versions else withdrawn)[number][0], None)
        for number in change.pruned
    ]


def _leftovers(state: State, age: float | None) -> list[str]:
    """Names of what a dead publisher or a dead prune left, if nobody touched it for `age` s."""
    if age is None:
        return []
    unfinished = [
        name
        for names in numbered(state.base).values()
        for name in names
        if not storage.exists(os.path.join(state.base, name, SAVED_MODEL))
    ]
    for number, names in numbered(state.base, WITHDRAWN).items():
        if number not in state.withdrawn and len(names) == 1:
            unfinished += names
    unfinished += [*_named(state.base, STAGING), *_named(state.base, journal.PRUNED)]
    limit = time.time() - age
    return sorted(
        name for name in unfinished if storage.usage(os.path.join(state.base, name))[1] <= limit
    )


def _named(base: str, prefix: str) -> list[str]:
    if not storage.exists(base):
        return []
    return [name for name in storage.children(base) if name.startswith(prefix)]


def _digest(state: State, number: int) -> str | None:
    prefix = WITHDRAWN if number in state.withdrawn else ""
    name = numbered(state.base, prefix)[number][0]
    return _known_digest(state.base, number, os.path.join(state.base, name))


def _known_digest(base: str, number: int, folder: str) -> str | None:
    """The content digest as it was written down, without reading the model."""
    if storage.is_remote(folder) and storage.exists(os.path.join(folder, MANIFEST)):
        return version_digest(Version(number, folder))
    for entry in reversed(ledger.read_ledger(base)):
        if entry.version == number and entry.content_digest:
            return entry.content_digest
    provenance = provenance_of(folder)
    return provenance.content_digest if provenance else None
