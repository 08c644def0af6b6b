"""What is at work on the records of a store, or may be, whatever the store says of it. Pure."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence

from documents.run_record import RunRecord
from inspection.history.history import History
from inspection.history.records import Run
from inspection.history.states import OPEN

PAUSE = datetime.timedelta(days=1)
"""How long a run is held to go on after its last sign, when nodes of it have not begun: a pod may
wait for a machine, and nothing in a store tells a pause from an end."""

_UNKNOWN = "unknown"


def may_be_at_work(
    history: History, runs_of: Mapping[str, Sequence[Run]], now: datetime.datetime
) -> tuple[set[int], set[int]]:
    """The ids of the steps of what is going on, in a run or outside any; and of what may be.

    Args:
      history: all steps.
      runs_of: the runs of each pipeline.
      now: to tell how long ago a run gave its last sign.
    """
    going_on = set(history.steps.in_states(*OPEN))
    perhaps = set(history.steps.in_states(_UNKNOWN))
    for runs in runs_of.values():
        nodes: dict[int, frozenset[str]] = {}
        if any(_may_go_on(run, now) for run in runs):
            nodes = {run.id: history.steps.nodes_of(run.steps) for run in runs}
        sorts = set(nodes.values())
        for run in runs:
            if run.state == "running":
                going_on.update(run.steps)
            elif run.state == _UNKNOWN or (
                _may_go_on(run, now) and any(nodes[run.id] < others for others in sorts)
            ):
                perhaps.update(run.steps)
    return going_on, perhaps


def _may_go_on(run: Run, now: datetime.datetime) -> bool:
    """Whether a run that lacks nodes of another one may be between two of them."""
    recently = run.ended is None or now - run.ended < PAUSE
    # Of most runs the time tells, and no properties have to be read.
    return run.state == "complete" and recently and RunRecord.of(run.properties).outcome is None
