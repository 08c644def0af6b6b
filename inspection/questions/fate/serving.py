"""What is served, what was served at a time, and every change of it."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from documents.final_figures import named_figures
from documents.provenance import Provenance
from inspection.answer import Answer
from inspection.files.base_path import BasePath, match
from inspection.files.workspace import Workspace
from inspection.history.history import History
from inspection.questions.fate.changes import Change, ledger_changes, live_at, store_changes
from inspection.times import age, at_utc, parse_time
from serving.base_path.version_number import version_number

Server = Sequence[Mapping[str, Any]] | None
"""What a model server answered about its versions; None when none was asked."""


@dataclasses.dataclass(frozen=True)
class ServerVersion:
    """What a model server says about one version."""

    version: int
    state: str
    error: str


@dataclasses.dataclass(frozen=True)
class ServingAnswer(Answer):
    """What is, or was, live in one base path."""

    ROWS = "changes"

    base_path: str
    at: datetime.datetime | None
    """The time asked about; None is now."""
    live: int | None
    since: datetime.datetime | None
    age: str | None
    """Of the live version, in words."""
    provenance: Provenance | None
    server: tuple[ServerVersion, ...] | None
    """None when no server was asked."""
    changes: tuple[Change, ...]
    """Oldest first."""
    warnings: tuple[str, ...]

    @property
    def agrees(self) -> bool:
        """Whether a model server was asked and serves what is live."""
        return self.server is not None and any(
            each.version == self.live and each.state == "AVAILABLE" for each in self.server
        )

    @property
    def headline(self) -> str:
        """The answer in a sentence."""
        if self.live is None:
            if self.at:
                return f"Nothing was live in {self.base_path} at {at_utc(self.at)}."
            return f"Nothing is live in {self.base_path}; `make run` pushes a model."
        text = f"Version {self.live} {'was' if self.at else 'is'} live"
        if self.at:
            text += f" at {at_utc(self.at)}"
        if self.since:
            text += f", since {at_utc(self.since)}"
        if self.age and not self.at:
            text += f" ({self.age})"
        found = self.provenance or Provenance()
        run = f" by run {found.run_id}" if found.run_id else ""
        figures = named_figures(found.test_accuracy, found.test_r2)
        measured = "".join(f", {name} {value:.4f}" for name, value in figures.items())
        return f"{text}{', made' + run if run else ''}{measured}."


def serving(
    bases: Sequence[BasePath],
    *,
    now: datetime.datetime,
    at: datetime.datetime | None = None,
    ask: Callable[[BasePath], Server] = lambda base: None,
    history: History | None = None,
    workspace: Workspace | None = None,
    others: bool = True,
) -> list[ServingAnswer]:
    """What is live in each base path now, or was at a time.

    Args:
      bases: those that are at hand.
      now: to tell an age.
      at: the time; now when None.
      ask: what a model server answers about the versions of a base path, to compare with.
      history: the store, for base paths that have no ledger, or are not at hand.
      workspace: where base paths are looked for.
      others: whether to tell of base paths that only the store knows, too.
    """
    recorded: dict[str, list[Change]] = {}
    for change in store_changes(history) if history else ():
        recorded.setdefault(change.base_path, []).append(change)
    of_base: dict[str, list[Change]] = {}
    for place in list(recorded) if history and workspace else ():
        base = match(history, place, bases, workspace) if history and workspace else None
        if base:
            of_base.setdefault(base.path, []).extend(recorded.pop(place))
    answers = []
    for base in bases:
        changes = ledger_changes(base.ledger, base.path) or of_base.get(base.path, [])
        answers.append(_at_hand(base, changes, at, now, ask(base)))
    if others or not bases:
        answers += [_in_store(place, recorded[place], at, now) for place in sorted(recorded)]
    return answers


def _at_hand(
    base: BasePath,
    changes: Sequence[Change],
    at: datetime.datetime | None,
    now: datetime.datetime,
    server: Server,
) -> ServingAnswer:
    by_ledger = live_at(changes, at)
    live = by_ledger if at else base.live
    since = _since(changes, live, at)
    provenance = base.provenance(live) if live is not None else None
    if since is None and provenance and provenance.pushed_at:
        since = parse_time(provenance.pushed_at)
    states = tuple(_server_version(each) for each in server) if server is not None else None
    return ServingAnswer(
        base_path=base.path,
        at=at,
        live=live,
        since=since,
        age=None if at else _age(since, now),
        provenance=provenance,
        server=states,
        changes=tuple(changes),
        warnings=() if at else tuple(_warnings(base, changes, by_ledger, states)),
    )


def _in_store(
    base_path: str,
    changes: Sequence[Change],
    at: datetime.datetime | None,
    now: datetime.datetime,
) -> ServingAnswer:
    live = live_at(changes, at)
    since = _since(changes, live, at)
    return ServingAnswer(
        base_path,
        at,
        live,
        since,
        None if at else _age(since, now),
        None,
        None,
        tuple(changes),
        () if at else ("Only the store was asked: the base path itself is not at hand.",),
    )


def _age(since: datetime.datetime | None, now: datetime.datetime) -> str | None:
    """None where the clock of who pushed is ahead."""
    return age(now - since) if since and since <= now else None


def _since(
    changes: Sequence[Change], live: int | None, until: datetime.datetime | None
) -> datetime.datetime | None:
    """When that version became live for the last time, before `until` where that is given."""
    since = None
    for change in changes:
        happened = until is None or change.time is None or change.time <= until
        if happened and change.live_after == live and change.live_before != live:
            since = change.time
    return since


def _warnings(
    base: BasePath,
    changes: Sequence[Change],
    by_ledger: int | None,
    server: Sequence[ServerVersion] | None,
) -> Iterable[str]:
    if changes and by_ledger != base.live:
        who = "ledger" if base.ledger else "store"
        yield (
            f"The {who} says that {_named(by_ledger)} is live, but on disk it is "
            f"{_named(base.live)}: somebody changed {base.path} by hand."
        )
    if server is None:
        return
    available = [each.version for each in server if each.state == "AVAILABLE"]
    if base.live not in available:
        broken = next((each.error for each in server if each.version == base.live), "")
        yield (
            f"The server serves {_listed(available)}, but on disk {_named(base.live)} is live"
            + (f": {broken}" if broken else "; it may not have looked yet.")
        )
    for version in available:
        if version not in base.versions:
            yield f"The server still serves version {version}, which is no longer on disk."


def _server_version(state: Mapping[str, Any]) -> ServerVersion:
    status = state.get("status")
    number = str(state.get("version", ""))
    return ServerVersion(
        version_number(number) or 0,
        str(state.get("state", "")),
        str(status.get("error_message", "")) if isinstance(status, Mapping) else "",
    )


def _named(version: int | None) -> str:
    return f"version {version}" if version is not None else "no version"


def _listed(versions: Sequence[int]) -> str:
    return ", ".join(_named(version) for version in versions) or "no version"
