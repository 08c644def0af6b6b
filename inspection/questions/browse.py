"""Everything in a store, kind by kind, whether it belongs to a run or not."""

from __future__ import annotations

import dataclasses
import datetime
import difflib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from documents.terminal.counted import counted
from inspection.answer import Answer
from inspection.history.history import History
from inspection.history.ids import Record

KINDS = ("executions", "artifacts", "contexts", "types")
_MOST_NAMED = 12


@dataclasses.dataclass(frozen=True)
class Line:
    """One record of any kind."""

    id: str
    type: str
    name: str
    state: str
    time: datetime.datetime | None
    where: str
    """The run of an execution, the uri of an artifact, the number of a context's executions."""
    record: Record | None = None
    """Where it has a page of its own."""


@dataclasses.dataclass(frozen=True)
class BrowseAnswer(Answer):
    """A part of what there is of a kind, newest first."""

    ROWS = "lines"

    kind: str
    total: int
    types: Mapping[str, int]
    """How many there are of each type, the most frequent first."""
    lines: tuple[Line, ...]
    only: str | None = None
    """The type that was asked for."""

    def rows(self) -> list[dict[str, Any]]:
        """Without the records themselves."""
        found = (dataclasses.asdict(dataclasses.replace(each, record=None)) for each in self.lines)
        return [{name: row[name] for name in row if name != "record"} for row in found]

    @property
    def headline(self) -> str:
        """The answer in a sentence."""
        if not self.total:
            return f"The store has no {self.kind}{self._of_no_type()}."
        of = f" of {len(self.types)} types" if len(self.types) > 1 else ""
        if self.only is not None:
            of = f" of type {self.only}"
        return f"The store has {counted(self.total, self.kind[:-1])}{of}."

    def _of_no_type(self) -> str:
        if self.only is None:
            return ""
        close = difflib.get_close_matches(self.only, self.types, n=1, cutoff=0.5)
        there = close or [*self.types][:_MOST_NAMED]
        hint = f"; there are those of type {', '.join(there)}" if there else ""
        return f" of type {self.only}{hint}"


def browse(
    history: History,
    kind: str,
    *,
    type: str | None = None,
    last: int | None = None,
    skip: int = 0,
) -> BrowseAnswer:
    """The records of a kind.

    Args:
      history: where they are.
      kind: one of KINDS.
      type: only of this one.
      last: how many at most.
      skip: so many of the newest.
    """
    if kind == "types":
        lines = tuple(each for each in _types(history) if type in (None, each.type))
        return BrowseAnswer(kind, len(lines), {}, lines)
    rows, line = _ROWS[kind](history)
    types = dict(Counter(each for each, _ in rows).most_common())
    chosen = [row for name, row in reversed(rows) if type in (None, name)]
    shown = chosen[skip:] if last is None else chosen[skip : skip + last]
    return BrowseAnswer(kind, len(chosen), types, tuple(map(line, shown)), type)


Rows = Sequence[tuple[str, int]]
"""Types and ids, oldest first."""


def _executions(history: History) -> tuple[Rows, Callable[[int], Line]]:
    def line(id: int) -> Line:
        step = history.steps[id]
        run = history.runs[step.run].name if step.run is not None else ""
        return Line(f"s{id}", step.type, step.node, step.state, step.started, run, step)

    return [(history.steps.type_of(id), id) for id in history.steps], line


def _artifacts(history: History) -> tuple[Rows, Callable[[int], Line]]:
    def line(id: int) -> Line:
        found = history.artifacts[id]
        name = "" if found.title == found.type else found.title
        return Line(f"a{id}", found.type, name, found.state, found.created, found.uri, found)

    return [(type, id) for id, type in history.types_by_id()], line


def _contexts(history: History) -> tuple[Rows, Callable[[int], Line]]:
    def line(id: int) -> Line:
        found = history.contexts[id]
        count = counted(found.steps, "execution")
        run = history.runs.get(id)
        name = f"r{id}" if run else str(id)
        return Line(name, found.type, found.name, "", found.created, count, run)

    return [(each.type, each.id) for each in history.contexts.values()], line


_ROWS: Mapping[str, Callable[[History], tuple[Rows, Callable[[int], Line]]]] = {
    "executions": _executions,
    "artifacts": _artifacts,
    "contexts": _contexts,
}


def _types(history: History) -> tuple[Line, ...]:
    return tuple(
        Line("", type, "", "", None, counted(count, kind[:-1]))
        for kind, rows in _ROWS.items()
        for type, count in Counter(each for each, _ in rows(history)[0]).most_common()
    )
