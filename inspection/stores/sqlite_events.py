"""Who read and wrote what, in an sqlite file."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from inspection.history.events import Side
from inspection.history.records import Event
from inspection.stores import words
from inspection.stores.sqlite_rows import SqliteRows

_EVENTS = (
    "SELECT e.id, e.execution_id, e.artifact_id, e.type, k.step_key, i.step_index FROM Event e "
    "LEFT JOIN EventPath k ON k.event_id = e.id AND NOT k.is_index_step "
    "LEFT JOIN EventPath i ON i.event_id = e.id AND i.is_index_step "
    "WHERE {which} GROUP BY e.id ORDER BY e.id"
)
_TYPE_BITS = 3
"""Of the number of an event's type."""


class SqliteEvents:
    """Between any steps and artifacts, those that a run has added meanwhile among them."""

    def __init__(self, file: SqliteRows) -> None:
        """Reads nothing yet."""
        self._file = file

    def links(self) -> Sequence[array[int]]:
        """The columns of inspection.history.links."""
        import numpy as np  # as whoever asks for links

        # Two columns take less than three, and a condition less than a list of what is known.
        known = f"type BETWEEN {min(words.DIRECTIONS)} AND {max(words.DIRECTIONS)}"
        assert max(words.DIRECTIONS) < 1 << _TYPE_BITS
        packed, artifacts = self._file.numbers(
            f"SELECT id, execution_id << {_TYPE_BITS} | type, artifact_id FROM Event "
            f"WHERE id > {{after}} AND {known} ORDER BY id",
            2,
        )
        both = np.asarray(packed, np.int64)
        outputs = [n for n, word in words.DIRECTIONS.items() if word == "output"]
        is_output = np.isin(both & (1 << _TYPE_BITS) - 1, outputs)
        steps = array("q", (both >> _TYPE_BITS).tobytes())
        return steps, artifacts, array("b", is_output.tobytes())

    def inputs(self, key: str) -> Iterator[tuple[int, int]]:
        """The step and the artifact of each input of a name."""
        inputs = ", ".join(str(n) for n, word in words.DIRECTIONS.items() if word == "input")
        yield from self._file.all(
            "SELECT e.execution_id, e.artifact_id FROM EventPath p "
            "JOIN Event e ON e.id = p.event_id "
            f"WHERE p.step_key = ? AND NOT p.is_index_step AND e.type IN ({inputs})",
            (key,),
        )

    def all(self) -> Iterator[Event]:
        """In the order in which they were written."""
        return _events(self._file.paged(_EVENTS.format(which="e.id > {after}")))

    def of(self, side: Side, id: int) -> Iterator[Event]:
        """Those of one step or artifact."""
        column = "execution_id" if side == "step" else "artifact_id"
        return _events(self._file.all(_EVENTS.format(which=f"e.{column} = ?"), (id,)))


def _events(rows: Iterable[tuple[Any, ...]]) -> Iterator[Event]:
    for _, step, artifact, type, key, index in rows:
        direction = words.DIRECTIONS.get(type)
        if direction:
            yield Event(step, artifact, direction, key or "", index or 0)
