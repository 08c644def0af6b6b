"""What a store holds of runs and executions, before it is known where they belong."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from inspection.history.records import Value
from inspection.history.states import OPEN, SUCCESSFUL
from inspection.stores import words

# By TFX since 0.22, TFX before, Kubeflow Pipelines v2, its first versions, Vertex.
RUN_TYPES = frozenset(
    {"pipeline_run", "run", "system.PipelineRun", "KfpRun", "system.ExperimentRun"}
)
BY_HAND = "system.ExperimentRun"
"""What somebody logs to Vertex by hand: most have no execution, and a property for their state."""
PIPELINE_TYPES = frozenset({"pipeline", "system.Pipeline", "system.Experiment"})
NODE_TYPES = frozenset({"node"})
CONTEXT_TYPES = RUN_TYPES | PIPELINE_TYPES | NODE_TYPES
PLAIN_STATES = {
    number: word for number, word in enumerate(words.STEP_STATES) if word in (*OPEN, *SUCCESSFUL)
}
SUCCESSFUL_STATES = {number for number, word in PLAIN_STATES.items() if word in SUCCESSFUL}


@dataclasses.dataclass(frozen=True, slots=True)
class Context:
    """A context of one of CONTEXT_TYPES."""

    id: int
    type: str
    name: str
    created: datetime.datetime | None
    properties: Mapping[str, Value] = dataclasses.field(default_factory=dict)


class Execution(NamedTuple):
    """An execution before it is known where it belongs."""

    id: int
    type: str
    state: int | None
    name: str | None
    created: datetime.datetime | None
    updated: datetime.datetime | None
    properties: Mapping[str, Value]


Row = tuple[Any, ...]
"""Id, id of the type, state, name, and milliseconds of creation and update: there may be very many,
and most questions look at few."""
STATE, CREATED, UPDATED = 2, 4, 5


class Executions(NamedTuple):
    """All executions as they are stored."""

    rows: Sequence[Row]
    """In the order of their ids."""
    types: Mapping[int, str]
    """Names by ids."""
    properties: Callable[[int, int], Mapping[str, Value]]
    """Of an execution, by the id of its type and its own."""

    def made(self, row: Row) -> Execution:
        id, type, state, name, created, updated = row
        return Execution(
            id,
            self.types.get(type, ""),
            state,
            name,
            words.time(created),
            words.time(updated),
            self.properties(type, id),
        )
