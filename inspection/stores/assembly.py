"""Puts rows together to steps and runs. Pure."""

from __future__ import annotations

import dataclasses
import datetime
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from documents.run_record import KILLED
from inspection.records import Run, Step, Value
from inspection.stores import kubeflow, words

# By TFX since 0.22, TFX before, Kubeflow Pipelines v2, its first versions.
RUN_TYPES = frozenset({"pipeline_run", "run", "system.PipelineRun", "KfpRun"})
PIPELINE_TYPES = frozenset({"pipeline", "system.Pipeline"})
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


@dataclasses.dataclass(frozen=True, slots=True)
class Execution:
    """An execution before it is known where it belongs."""

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
) -> tuple[list[Run], list[Step]]:
    """Runs, oldest first, and steps in the order of their ids.

    Args:
      contexts: others than CONTEXT_TYPES are left out by the reader.
      associations: (context id, execution id); those of unknown contexts are passed over.
      executions: in the order of their ids.
    """
    known = {context.id: context for context in contexts}
    by_execution: defaultdict[int, list[Context]] = defaultdict(list)
    for context_id, execution_id in associations:
        context = known.get(context_id)
        if context:
            by_execution[execution_id].append(context)
    steps = []
    steps_of_run: defaultdict[int, list[Step]] = defaultdict(list)
    pipelines: dict[int, str] = {}
    for execution in executions:
        run = pipeline = node = None
        for context in by_execution.get(execution.id, ()):
            if context.type in RUN_TYPES:
                # A sub-pipeline's steps belong to the outer run too, which was there before.
                run = context.id if run is None else min(run, context.id)
            elif context.type in PIPELINE_TYPES:
                pipeline = context.name
            else:
                node = context.name
        if kubeflow.is_graph(execution.type, execution.properties):
            if run is not None and pipeline is not None:
                pipelines.setdefault(run, pipeline)
            continue
        step = _step(execution, run, _node(execution, node, pipeline))
        steps.append(step)
        if run is not None:
            steps_of_run[run].append(step)
            if pipeline is not None:
                pipelines.setdefault(run, pipeline)
    runs = [
        _run(context, pipelines.get(context.id, ""), steps_of_run.get(context.id, []))
        for context in known.values()
        if context.type in RUN_TYPES
    ]
    return sorted(runs, key=lambda run: run.id), steps


def _node(execution: Execution, context: str | None, pipeline: str | None) -> str:
    if context is not None:
        return context.removeprefix(f"{pipeline}.")
    for key in _NODE_PROPERTIES:
        value = execution.properties.get(key)
        if value:
            return str(value)
    return execution.type.rpartition(".")[2]


def _step(execution: Execution, run: int | None, node: str) -> Step:
    state = words.word(words.STEP_STATES, execution.state)
    if state == "unknown":
        # Before MLMD had states, TFX wrote them into a property.
        recorded = execution.properties.get("state")
        state = str(recorded) if recorded in words.STEP_STATES else state
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
    )


def _run(context: Context, pipeline: str, steps: Sequence[Step]) -> Run:
    state = _run_state({step.state for step in steps})
    starts = [step.started for step in steps if step.started]
    ends = [step.ended for step in steps if step.ended]
    return Run(
        id=context.id,
        name=context.name,
        pipeline=pipeline,
        steps=tuple(step.id for step in steps),
        started=min(starts) if starts else context.created,
        ended=max(ends) if ends and state not in ("running", "new") else None,
        state=state,
        properties=context.properties,
    )


def _run_state(states: set[str]) -> str:
    if not states:
        return "new"
    for state in ("running", "new", KILLED_STATE, "failed", "canceled"):
        if state in states:
            return "running" if state == "new" else state
    return "complete"
