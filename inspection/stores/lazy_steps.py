"""Steps that are made of their executions when somebody looks at them. Pure."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping

from documents.run_record import KILLED
from inspection.history import states
from inspection.history.records import Step, Value
from inspection.history.steps import Steps
from inspection.stores import kubeflow, words
from inspection.stores.places import Places
from inspection.stores.stored import PLAIN_STATES, STATE, Execution, Executions, Row

_NODE_PROPERTIES = ("component_id", "task_name", "display_name")


class LazySteps(Steps[Row]):
    """Made of rows, whole graphs of Kubeflow's left out."""

    def __init__(self, executions: Executions, places: Places) -> None:
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
        return PLAIN_STATES.get(found[STATE]) or self[id].state

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
        plain = {number: word in states for number, word in PLAIN_STATES.items()}
        return [
            id
            for id, found in self._records.items()
            if (
                self.state_of(id) in states
                if isinstance(found, Step) or (told := plain.get(found[STATE])) is None
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

    def attempt_of(self, id: int) -> Hashable:
        """A context of a node, since of two sub-pipelines it may have one name; else a name that an
        orchestrator gave it: what has that of its type is not always the same node."""
        if not self.groups:
            context = self._places.node_context(id)
            if context is not None:
                return context
        step = self[id]
        return step.node if _is_named(step.type, step.properties) else None

    def group_of(self, id: int) -> int | None:
        return kubeflow.parent(self[id].properties) if self.groups and id in self else None

    def run_of(self, id: int) -> int | None:
        return self._places.runs.get(id)

    def _made(self, row: Row) -> Step:
        id, type, number, _, created, updated = row
        places = self._places
        node, state = places.node(id), PLAIN_STATES.get(number)
        run, pipeline = places.runs.get(id), places.pipeline(id) or ""
        if node is None or state is None or self.groups:
            execution = self._executions.made(row)
            path = self.groups.path(execution, _node(execution, node))
            return _step(execution, run, path, pipeline)
        # What most are, with no more than they need.
        return Step(
            id,
            self._executions.types.get(type, ""),
            node,
            state,
            run,
            words.time(created),
            words.time(updated) if state in words.ENDED else None,
            self._executions.properties(type, id),
            False,
            pipeline,
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


def _is_named(type: str, properties: Mapping[str, Value]) -> bool:
    """Whether its properties tell the node; a name to be shown does where an orchestrator puts
    it."""
    names = _NODE_PROPERTIES if type in (kubeflow.GRAPH, kubeflow.NODE) else _NODE_PROPERTIES[:-1]
    return any(properties.get(name) for name in names)


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
        state = states.SKIPPED
    if state == "failed" and KILLED in execution.properties:
        state = states.KILLED
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
