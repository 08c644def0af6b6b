"""Puts rows together to steps and runs. Pure."""

from __future__ import annotations

import dataclasses
import datetime
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from documents.run_record import KILLED
from inspection.records import Run, Step, Value
from inspection.steps import Steps
from inspection.stores import kubeflow, words

# By TFX since 0.22, TFX before, Kubeflow Pipelines v2, its first versions, Vertex.
RUN_TYPES = frozenset(
    {"pipeline_run", "run", "system.PipelineRun", "KfpRun", "system.ExperimentRun"}
)
PIPELINE_TYPES = frozenset({"pipeline", "system.Pipeline", "system.Experiment"})
NODE_TYPES = frozenset({"node"})
CONTEXT_TYPES = RUN_TYPES | PIPELINE_TYPES | NODE_TYPES
KILLED_STATE = "killed"
_NODE_PROPERTIES = ("component_id", "task_name", "display_name")
_PLAIN_STATES = {
    number: word
    for number, word in enumerate(words.STEP_STATES)
    if word in ("new", "running", "complete", "cached")
}
_SUCCESSFUL = {number for number, word in _PLAIN_STATES.items() if word in ("complete", "cached")}


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
_STATE, _CREATED, _UPDATED = 2, 4, 5


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


def assemble(
    contexts: Iterable[Context],
    associations: tuple[Sequence[int], Sequence[int]],
    executions: Executions,
    parents: Iterable[tuple[int, int]] = (),
) -> tuple[list[Run], Steps[Row]]:
    """Runs, oldest first, and steps in the order of their ids.

    Args:
      contexts: others than CONTEXT_TYPES are left out by the reader.
      associations: ids of contexts, and of the execution of each; those of unknown contexts are
        passed over.
      executions: all of them.
      parents: (context id, id of its parent); likewise.
    """
    known = {context.id: context for context in contexts}
    places = _Places(known, associations)
    above = {
        child: known[parent].name
        for child, parent in parents
        if parent in known and known[parent].type in PIPELINE_TYPES
    }
    steps = _LazySteps(executions, places)
    rows_of_run: defaultdict[int, list[Row]] = defaultdict(list)
    run_of = places.runs.get
    for row in executions.rows:
        run = run_of(row[0])
        if run is not None:
            rows_of_run[run].append(row)
    runs = [
        _run(context, rows_of_run.get(context.id, ()), places, steps, above.get(context.id, ""))
        for context in known.values()
        if context.type in RUN_TYPES
    ]
    return sorted(runs, key=lambda run: run.id), steps


class _Places:
    """Where executions belong, by their ids."""

    def __init__(
        self, contexts: Mapping[int, Context], associations: tuple[Sequence[int], Sequence[int]]
    ) -> None:
        runs = {id for id, each in contexts.items() if each.type in RUN_TYPES}
        pipelines = {id for id, each in contexts.items() if each.type in PIPELINE_TYPES}
        nodes = contexts.keys() - runs - pipelines
        self._names = {id: contexts[id].name for id in (*pipelines, *nodes)}
        # A sub-pipeline's steps belong to the outer run too, which was there before.
        self.runs = _first(runs, *associations)[0]
        self._outer, several = _first(pipelines, *associations)
        self._nodes = {
            execution: context
            for context, execution in zip(*associations, strict=True)
            if context in nodes
        }
        self._several: defaultdict[int, list[int]] = defaultdict(list)
        if several:
            for context, execution in zip(*associations, strict=True):
                if context in pipelines:
                    self._several[execution].append(context)
        self._named: dict[tuple[int, int | None], str] = {}
        self._sets: dict[tuple[Collection[int | None], ...], frozenset[str] | None] = {}

    def pipeline(self, execution: int) -> str | None:
        """Of a sub-pipeline's steps the outer one; None of those in none."""
        outer = self._outer.get(execution)
        return None if outer is None else self._names[outer]

    def node(self, execution: int) -> str | None:
        """The name of its node, without that of a pipeline which the node is named after."""
        node = self._nodes.get(execution)
        if node is None:
            return None
        outer = self._outer.get(execution)
        if execution in self._several:
            return self._without(self._names[node], self._several[execution])
        # In most runs nodes have the same few names.
        name = self._named.get((node, outer))
        if name is None:
            name = self._without(self._names[node], () if outer is None else (outer,))
            self._named[node, outer] = name
        return name

    def nodes(self, executions: Sequence[int]) -> frozenset[str] | None:
        """The names of their nodes; None where more has to be looked at than who lies in what."""
        nodes = frozenset(map(self._nodes.get, executions))
        outer = frozenset(map(self._outer.get, executions))
        # Most runs have the same few.
        if (nodes, outer) not in self._sets:
            plain = not self._several and None not in nodes and len(outer) == 1
            names = frozenset(map(self.node, executions)) if plain else None
            self._sets[nodes, outer] = names  # type: ignore[assignment]
        return self._sets[nodes, outer]

    def _without(self, name: str, pipelines: Iterable[int]) -> str:
        # Of a sub-pipeline's node the inner one is its prefix; a name may hold dots.
        prefixes = [f"{self._names[each]}." for each in pipelines]
        fitting = (prefix for prefix in prefixes if name.startswith(prefix))
        return name.removeprefix(max(fitting, key=len, default=""))


def _first(
    wanted: Collection[int], contexts: Sequence[int], executions: Sequence[int]
) -> tuple[dict[int, int], bool]:
    """Of each execution the one among `wanted` that was there before others; whether there are."""
    pairs = zip(contexts, executions, strict=True)
    found = {execution: context for context, execution in pairs if context in wanted}
    several = len(found) < sum(map(wanted.__contains__, contexts))
    if several:
        for context, execution in zip(contexts, executions, strict=True):
            if context in wanted and context < found[execution]:
                found[execution] = context
    return found, several


class _LazySteps(Steps[Row]):
    """Made of rows, whole graphs of Kubeflow's left out."""

    def __init__(self, executions: Executions, places: _Places) -> None:
        self._executions = executions
        self._places = places
        graphs = {id for id, type in executions.types.items() if kubeflow.is_group(type)}
        groups = [executions.made(row) for row in executions.rows if row[1] in graphs]
        self.wholes = {each.id for each in groups if kubeflow.is_graph(each.type, each.properties)}
        self.groups = _Groups(groups)
        super().__init__({row[0]: row for row in executions.rows if row[0] not in self.wholes})

    def state_of(self, id: int) -> str:
        found = self._records[id]
        if isinstance(found, Step):
            return found.state
        # Of others a property may say more.
        return _PLAIN_STATES.get(found[_STATE]) or self[id].state

    def type_of(self, id: int) -> str:
        found = self._records[id]
        if isinstance(found, Step):
            return found.type
        return self._executions.types.get(found[1], "")

    def node_of(self, id: int) -> str:
        found = self._records[id]
        if isinstance(found, Step):
            return found.node
        return (None if self.groups else self._places.node(id)) or self[id].node

    def nodes_of(self, ids: Iterable[int]) -> frozenset[str]:
        ids = tuple(ids)
        names = None if self.groups else self._places.nodes(ids)
        return super().nodes_of(ids) if names is None else names

    def in_states(self, *states: str) -> list[int]:
        plain = {number: word in states for number, word in _PLAIN_STATES.items()}
        return [
            id
            for id, found in self._records.items()
            if (
                self.state_of(id) in states
                if isinstance(found, Step) or (told := plain.get(found[_STATE])) is None
                else told
            )
        ]

    def of_types(self, is_one: Callable[[str], bool]) -> list[int]:
        types = {id for id, type in self._executions.types.items() if is_one(type)}
        return [
            id
            for id, found in self._records.items()
            if (is_one(found.type) if isinstance(found, Step) else found[1] in types)
        ]

    def run_of(self, id: int) -> int | None:
        return self._places.runs.get(id)

    def _made(self, row: Row) -> Step:
        execution = self._executions.made(row)
        node = _node(execution, self._places.node(execution.id))
        return _step(
            execution,
            self._places.runs.get(execution.id),
            self.groups.path(execution, node),
            self._places.pipeline(execution.id) or "",
        )


class _Groups:
    """Which parts of Kubeflow's graphs lie in which."""

    def __init__(self, graphs: Iterable[Execution]) -> None:
        self._graphs = {each.id: each for each in graphs}

    def __bool__(self) -> bool:
        return bool(self._graphs)

    def path(self, execution: Execution, node: str) -> str:
        """`loop[2]/train` for a node in the third round of a loop."""
        if not self._graphs:
            return node
        parts = [kubeflow.name_in_loop(node, execution.properties)]
        seen: set[int] = set()
        parent = kubeflow.parent(execution.properties)
        while parent in self._graphs and parent not in seen:
            seen.add(parent)
            graph = self._graphs[parent]
            if kubeflow.is_graph(graph.type, graph.properties):
                break  # the whole
            name = _node(graph, None)
            # The loop itself has the name of its rounds.
            if not parts[-1].startswith(f"{name}["):
                parts.append(kubeflow.name_in_loop(name, graph.properties))
            parent = kubeflow.parent(graph.properties)
        return "/".join(reversed(parts))


def _node(execution: Execution, told: str | None) -> str:
    if told is not None:
        return told
    for key in _NODE_PROPERTIES:
        value = execution.properties.get(key)
        if value:
            return str(value)
    type = execution.type.rpartition(".")[2]
    # A type of everybody's says less than a name.
    return execution.name or type if execution.type.startswith(("system.", "google.")) else type


def _step(execution: Execution, run: int | None, node: str, pipeline: str) -> Step:
    state = words.word(words.STEP_STATES, execution.state)
    if state == "unknown":
        # Before MLMD had states, TFX wrote them into a property.
        recorded = execution.properties.get("state")
        state = str(recorded) if recorded in words.STEP_STATES else state
    if kubeflow.was_skipped(execution.type, state):
        state = words.SKIPPED
    if state == "failed" and KILLED in execution.properties:
        state = KILLED_STATE
    return Step(
        id=execution.id,
        type=execution.type,
        node=node,
        state=state,
        run=run,
        started=execution.created,
        ended=execution.updated if state in words.ENDED else None,
        properties=execution.properties,
        is_group=kubeflow.is_group(execution.type),
        pipeline=pipeline,
    )


def _run(
    context: Context, rows: Sequence[Row], places: _Places, steps: _LazySteps, above: str
) -> Run:
    pipelines = tuple(dict.fromkeys(filter(None, map(places.pipeline, (row[0] for row in rows)))))
    pipelines = pipelines or (above,)
    ids = tuple(row[0] for row in rows if row[0] not in steps.wholes)
    state, started, ended = _plain_end(rows) or _end([steps[id] for id in ids])
    return Run(
        id=context.id,
        name=context.name,
        pipeline=" and ".join(pipelines),
        steps=ids,
        started=started or context.created,
        ended=ended,
        state=state,
        properties=context.properties,
        pipelines=pipelines,
    )


_End = tuple[str, datetime.datetime | None, datetime.datetime | None]
"""The state of a run, when it started, and when it ended."""


def _plain_end(rows: Sequence[Row]) -> _End | None:
    """Of a run that is complete, as most are, without a look at its steps; None of any other."""
    if not rows or not {row[_STATE] for row in rows} <= _SUCCESSFUL:
        return None
    try:
        started = words.time(min(row[_CREATED] for row in rows))
        ended = words.time(max(row[_UPDATED] for row in rows))
    except TypeError:
        return None  # not all of them have times
    return ("complete", started, ended) if started and ended else None


def _end(steps: Sequence[Step]) -> _End:
    # Kubeflow leaves graphs running whose nodes have ended.
    nodes = [step for step in steps if not step.is_group] or steps
    state = _run_state({step.state for step in nodes})
    starts = [step.started for step in steps if step.started]
    ends = [step.ended for step in steps if step.ended]
    return (
        state,
        min(starts, default=None),
        max(ends, default=None) if state not in ("running", "new") else None,
    )


def _run_state(states: set[str]) -> str:
    if not states:
        return "new"
    for state in ("running", "new", KILLED_STATE, "failed", "canceled", "unknown"):
        if state in states:
            return "running" if state == "new" else state
    return "complete"
