"""Puts rows together to steps and runs. Pure."""

from __future__ import annotations

import dataclasses
import datetime
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from documents.run_record import KILLED
from inspection.records import Run, Step, Value
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


@dataclasses.dataclass(frozen=True, slots=True)
class Context:
    """A context of one of CONTEXT_TYPES."""

    id: int
    type: str
    name: str
    created: datetime.datetime | None
    properties: Mapping[str, Value] = dataclasses.field(default_factory=dict)


class Execution(NamedTuple):
    """An execution before it is known where it belongs; a tuple, since there may be very many."""

    id: int
    type: str
    state: int | None
    name: str | None
    created: datetime.datetime | None
    updated: datetime.datetime | None
    properties: Mapping[str, Value]


def assemble(
    contexts: Iterable[Context],
    associations: Iterable[tuple[int, int]],
    executions: Iterable[Execution],
    parents: Iterable[tuple[int, int]] = (),
) -> tuple[list[Run], list[Step]]:
    """Runs, oldest first, and steps in the order of their ids.

    Args:
      contexts: others than CONTEXT_TYPES are left out by the reader.
      associations: (context id, execution id); those of unknown contexts are passed over.
      executions: in the order of their ids.
      parents: (context id, id of its parent); likewise.
    """
    executions = list(executions)
    known = {context.id: context for context in contexts}
    places = _Places(known, associations)
    above = {
        child: known[parent].name
        for child, parent in parents
        if parent in known and known[parent].type in PIPELINE_TYPES
    }
    groups = _Groups(executions)
    steps = []
    steps_of_run: defaultdict[int, list[Step]] = defaultdict(list)
    pipelines: defaultdict[int, dict[str, None]] = defaultdict(dict)
    for execution in executions:
        run = places.runs.get(execution.id)
        outer = places.outer.get(execution.id)
        if kubeflow.is_graph(execution.type, execution.properties):
            if run is not None and outer is not None:
                pipelines[run][known[outer].name] = None
            continue
        name = known[outer].name if outer is not None else ""
        path = groups.path(execution, _node(execution, *places.node(execution.id)))
        step = _step(execution, run, path, name)
        steps.append(step)
        if run is not None:
            steps_of_run[run].append(step)
            if name:
                pipelines[run][name] = None
    runs = [
        _run(
            context,
            tuple(pipelines.get(context.id) or [above.get(context.id, "")]),
            steps_of_run.get(context.id, []),
        )
        for context in known.values()
        if context.type in RUN_TYPES
    ]
    return sorted(runs, key=lambda run: run.id), steps


class _Places:
    """Where executions belong, by their ids."""

    def __init__(
        self, contexts: Mapping[int, Context], associations: Iterable[tuple[int, int]]
    ) -> None:
        self.runs: dict[int, int] = {}
        self.outer: dict[int, int] = {}
        """The pipeline; of a sub-pipeline's steps the outer one, which was there before."""
        self._contexts = contexts
        self._nodes: dict[int, int] = {}
        self._pipelines: defaultdict[int, list[int]] = defaultdict(list)
        kinds = {
            id: 0 if context.type in RUN_TYPES else 1 if context.type in PIPELINE_TYPES else 2
            for id, context in contexts.items()
        }
        runs, outer, nodes, pipelines = self.runs, self.outer, self._nodes, self._pipelines
        for context, execution in associations:
            kind = kinds.get(context)
            if kind == 0:
                # A sub-pipeline's steps belong to the outer run too, which was there before.
                if runs.setdefault(execution, context) > context:
                    runs[execution] = context
            elif kind == 1:
                pipelines[execution].append(context)
                if outer.setdefault(execution, context) > context:
                    outer[execution] = context
            elif kind == 2:
                nodes[execution] = context

    def node(self, execution: int) -> tuple[str | None, list[str]]:
        """The name of its node, and of each pipeline, one of which the node is named after."""
        node, pipelines = self._nodes.get(execution), self._pipelines.get(execution, ())
        return (
            None if node is None else self._contexts[node].name,
            [self._contexts[pipeline].name for pipeline in pipelines],
        )


class _Groups:
    """Which parts of Kubeflow's graphs lie in which."""

    def __init__(self, executions: Iterable[Execution]) -> None:
        self._graphs = {each.id: each for each in executions if kubeflow.is_group(each.type)}

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
            name = _node(graph, None, ())
            # The loop itself has the name of its rounds.
            if not parts[-1].startswith(f"{name}["):
                parts.append(kubeflow.name_in_loop(name, graph.properties))
            parent = kubeflow.parent(graph.properties)
        return "/".join(reversed(parts))


def _node(execution: Execution, context: str | None, pipelines: Sequence[str]) -> str:
    if context is not None:
        # Of a sub-pipeline's node the inner one is its prefix; a name may hold dots.
        prefixes = [f"{name}." for name in pipelines if context.startswith(f"{name}.")]
        return context.removeprefix(max(prefixes, key=len, default=""))
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


def _run(context: Context, pipelines: tuple[str, ...], steps: Sequence[Step]) -> Run:
    # Kubeflow leaves graphs running whose nodes have ended.
    nodes = [step for step in steps if not step.is_group] or steps
    state = _run_state({step.state for step in nodes})
    starts = [step.started for step in steps if step.started]
    ends = [step.ended for step in steps if step.ended]
    return Run(
        id=context.id,
        name=context.name,
        pipeline=" and ".join(pipelines),
        steps=tuple(step.id for step in steps),
        started=min(starts) if starts else context.created,
        ended=max(ends) if ends and state not in ("running", "new") else None,
        state=state,
        properties=context.properties,
        pipelines=pipelines,
    )


def _run_state(states: set[str]) -> str:
    if not states:
        return "new"
    for state in ("running", "new", KILLED_STATE, "failed", "canceled", "unknown"):
        if state in states:
            return "running" if state == "new" else state
    return "complete"
