"""Runs that the store still calls running, although nobody works on them: they were killed."""

from __future__ import annotations

import copy
import dataclasses
import datetime
from collections.abc import Mapping, Sequence

from documents.run_owner import LEASE, RunOwner
from documents.run_record import RunRecord
from inspection.files.workspace import Workspace
from inspection.history.history import History
from inspection.history.records import Run, Step
from inspection.history.states import KILLED, OPEN


def settle(history: History) -> History:
    """The same history, with runs and steps that were killed called so.

    Of a file the folder can tell: the local runner locks it, one run at a time. In a store behind
    a server the runs themselves say who works on them. One that was copied without that lock, and
    runs that say nothing, stay as they are.
    """
    if history.path is None:
        gone = {run.id: run for run in history.runs.values() if _is_abandoned(run)}
        return _with_killed(history, gone) if gone else history
    last = max(history.runs, default=None)
    suspects = {
        run.id: run
        for run in history.runs.values()
        if run.state == "running" or (run.id == last and not _came_to_an_end(run))
    }
    if not suspects:
        return history
    in_use = Workspace(history.path.parent).is_in_use()
    if in_use is None:
        return history
    if in_use:
        # Whoever holds the lock works on the newest one.
        suspects.pop(max(suspects))
    return _with_killed(history, suspects)


def _is_abandoned(run: Run) -> bool:
    if run.state != "running" and _came_to_an_end(run):
        return False
    owner, lease = RunOwner.of(run.properties), run.properties.get(LEASE)
    return owner is not None and owner.is_gone(lease if isinstance(lease, (int, float)) else None)


def _with_killed(history: History, killed: Mapping[int, Run]) -> History:
    steps = {
        id: dataclasses.replace(history.steps[id], state=KILLED)
        for run in killed.values()
        for id in run.steps
        if history.steps.state_of(id) in OPEN
    }
    runs = {
        id: dataclasses.replace(run, state=KILLED, ended=_last_sign(history, run))
        for id, run in killed.items()
    }
    settled = copy.copy(history)
    settled.runs = {**history.runs, **runs}
    settled.steps = history.steps.with_changed(steps)
    return settled


def _came_to_an_end(run: Run) -> bool:
    """A run between two nodes has none that is running; its record says whether it ended."""
    record = RunRecord.of(run.properties)
    return not record.command or record.outcome is not None


def _last_sign(history: History, run: Run) -> datetime.datetime | None:
    ends = [step.ended for step in map(history.steps.__getitem__, run.steps) if step.ended]
    return max(ends, default=None)


def died_in(steps: Sequence[Step]) -> Step | None:
    """The step in which a run was killed, or after which, when none was at work."""
    killed = [step for step in steps if step.state == KILLED]
    return killed[0] if killed else (steps[-1] if steps else None)
