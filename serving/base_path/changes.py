"""What a change of a base path would do, or why it may not be made. Pure."""

from __future__ import annotations

import dataclasses
import shlex
from collections.abc import Iterable, Mapping, Sequence

from documents.ledger_entry import Action
from serving.base_path.errors import BasePathError


class ChangeError(BasePathError):
    """A change was refused or failed; the message says why and what to do."""


@dataclasses.dataclass(frozen=True)
class State:
    """The numbers in a base path, lowest first."""

    base: str
    versions: tuple[int, ...]
    """Complete, so that the last one is live."""
    withdrawn: tuple[int, ...] = ()
    incomplete: tuple[int, ...] = ()
    baseline: int | None = None
    """The version with which the live one was compared when it was published."""
    doubles: Mapping[int, Sequence[str]] = dataclasses.field(default_factory=dict)
    """Names of the entries, by number, where several have one number."""

    @property
    def live(self) -> int | None:
        """What model servers serve."""
        return _highest(self.versions)


@dataclasses.dataclass(frozen=True)
class Change:
    """A change of a base path, planned or made."""

    action: Action
    version: int | None
    """As in the ledger; None for a prune that finds no version to remove."""
    live_before: int | None
    live_after: int | None
    withdrawn: tuple[int, ...] = ()
    pruned: tuple[int, ...] = ()
    reason: str | None = None
    leftovers: tuple[str, ...] = ()
    """Names of unfinished copies that a prune removes."""
    freed_bytes: int = 0


def plan_withdraw(state: State, number: int, *, leave_nothing: bool = False) -> Change:
    """Takes one version away.

    Raises:
      ChangeError: it is not there, or nothing would be live without it.
    """
    _demand(state, number)
    live_after = _highest(other for other in state.versions if other != number)
    if live_after is None and not leave_nothing:
        raise ChangeError(
            f"Version {number} is the only one in {state.base}: without it model servers would "
            "have nothing to serve; publish or restore another version first, or say that it is "
            "meant with --leave-nothing."
        )
    return Change("withdraw", number, state.live, live_after, withdrawn=(number,))


def plan_rollback(state: State, to: int | None = None) -> Change:
    """Makes an older version live by taking away all that are newer.

    Raises:
      ChangeError: that version is not there, is live already, or there is no older one.
    """
    if to is None:
        if len(state.versions) < 2:
            raise ChangeError(
                f"Base path {state.base} holds no older version to roll back to"
                + (f"; {_withdrawn(state)}." if state.withdrawn else ".")
            )
        to = state.versions[-2]
    _demand(state, to)
    if to == state.live:
        raise ChangeError(f"Version {to} is live already in {state.base}; nothing to roll back.")
    newer = tuple(number for number in state.versions if number > to)
    _demand_single(state, (to, *newer))
    return Change("rollback", to, state.live, to, withdrawn=newer)


def plan_restore(state: State, number: int) -> Change:
    """Gives a withdrawn version back to the model servers.

    Raises:
      ChangeError: it was not withdrawn, or another one took its place.
    """
    _demand_single(state, (number,))
    if number in state.versions:
        raise ChangeError(f"Version {number} is in {state.base} already; nothing to restore.")
    if number not in state.withdrawn:
        raise ChangeError(
            f"Base path {state.base} holds no withdrawn version {number}"
            + (f"; {_withdrawn(state)}." if state.withdrawn else ".")
        )
    return Change("restore", number, state.live, _highest((*state.versions, number)))


def plan_prune(state: State, keep: int, *, withdrawn: bool = False) -> Change:
    """Removes all but the newest `keep` versions for good.

    With two or more to keep, the baseline of the live version stays too: that is what a rollback
    after a bad comparison goes back to.

    Raises:
      ChangeError: nothing would be kept.
    """
    if keep < 1:
        raise ChangeError("The live version cannot be pruned; keep 1 version or more.")
    kept = {*state.versions[-keep:], *([state.baseline] if keep > 1 else [])}
    pruned = {number for number in state.versions if number not in kept}
    if withdrawn:
        pruned.update(state.withdrawn)
    _demand_single(state, pruned)
    return Change("prune", _highest(pruned), state.live, state.live, pruned=tuple(sorted(pruned)))


def _demand(state: State, number: int) -> None:
    _demand_single(state, (number,))
    if number in state.versions:
        return
    if number in state.withdrawn:
        raise ChangeError(
            f"Version {number} is withdrawn; `python -m serving restore {number} "
            f"--base-path {shlex.quote(str(state.base))}` brings it back."
        )
    if number in state.incomplete:
        raise ChangeError(
            f"Version {number} in {state.base} is incomplete, so it is not served; "
            "`prune --leftovers` removes it."
        )
    known = ", ".join(map(str, state.versions)) or "none"
    raise ChangeError(f"Base path {state.base} holds no version {number}; it holds {known}.")


def _demand_single(state: State, numbers: Iterable[int]) -> None:
    for number in sorted(state.doubles.keys() & set(numbers)):
        names = " and ".join(map(repr, state.doubles[number]))
        raise ChangeError(
            f"Base path {state.base} holds version {number} more than once, as {names}, and a "
            "model server takes any of them; move all but one out of the base path."
        )


def _withdrawn(state: State) -> str:
    return f"withdrawn are {', '.join(map(str, state.withdrawn))}"


def _highest(numbers: Iterable[int]) -> int | None:
    return max(numbers, default=None)
