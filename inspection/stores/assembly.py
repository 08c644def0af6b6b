"""Puts rows together to steps and runs. Pure."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from inspection.history.attempts import replaced
from inspection.history.records import Run, Value
from inspection.history.states import KILLED, OPEN
from inspection.history.steps import Steps
from inspection.stores import words
from inspection.stores.lazy_steps import LazySteps
from inspection.stores.places import Places
from inspection.stores.stored import (
    BY_HAND,
    CREATED,
    PIPELINE_TYPES,
    RUN_TYPES,
    STATE,
    SUCCESSFUL_STATES,
    UPDATED,
    Context,
    Executions,
    Row,
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
    places = Places(known, associations)
    above = {
        child: known[parent].name
        for child, parent in parents
        if parent in known and known[parent].type in PIPELINE_TYPES
    }
    steps = LazySteps(executions, places)
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


def _run(
    context: Context, rows: Sequence[Row], places: Places, steps: LazySteps, above: str
) -> Run:
    pipelines = tuple(dict.fromkeys(filter(None, map(places.pipeline, (row[0] for row in rows)))))
    pipelines = pipelines or (above,)
    ids = tuple(row[0] for row in rows if row[0] not in steps.wholes)
    state, started, ended = _plain_end(rows) or _end(ids, steps)
    if context.type == BY_HAND:
        logged = _logged_state(context.properties)
        # Whoever logs by hand may try again under any name, and says what came of it.
        state = logged if not ids or logged in words.ENDED else state
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
        type=context.type,
    )


def _logged_state(properties: Mapping[str, Value]) -> str:
    """What Vertex's client says of a run that has no executions, RUNNING, COMPLETE, FAILED."""
    told = str(properties.get("_state", "")).lower()
    return told if told in words.STEP_STATES else "unknown"


_End = tuple[str, datetime.datetime | None, datetime.datetime | None]
"""The state of a run, when it started, and when it ended."""


def _plain_end(rows: Sequence[Row]) -> _End | None:
    """Of a run that is complete, as most are, without a look at its steps; None of any other."""
    if not rows or not {row[STATE] for row in rows} <= SUCCESSFUL_STATES:
        return None
    try:
        started = words.time(min(row[CREATED] for row in rows))
        ended = words.time(max(row[UPDATED] for row in rows))
    except TypeError:
        return None  # not all of them have times
    return ("complete", started, ended) if started and ended else None


def _end(ids: Sequence[int], all_steps: LazySteps) -> _End:
    gone = replaced(ids, all_steps.attempt_of, all_steps.group_of)
    steps = [all_steps[id] for id in ids]
    last = [step for step in steps if step.id not in gone]
    # Kubeflow leaves graphs running whose nodes have ended.
    nodes = [step for step in last if not step.is_group] or last
    state = _run_state({step.state for step in nodes})
    starts = [step.started for step in steps if step.started]
    ends = [step.ended for step in steps if step.ended]
    return (
        state,
        min(starts, default=None),
        max(ends, default=None) if state not in OPEN else None,
    )


def _run_state(states: set[str]) -> str:
    if not states:
        return "new"
    for state in (*OPEN, KILLED, "failed", "canceled", "unknown"):
        if state in states:
            return "running" if state == "new" else state
    return "complete"
