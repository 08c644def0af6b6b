"""Which steps of a run with very many are shown."""

from __future__ import annotations

from collections.abc import Sequence

from documents.terminal.counted import counted
from inspection.history.history import History
from inspection.history.ids import short
from inspection.history.records import Step
from inspection.history.states import SKIPPED, SUCCESSFUL

MOST_STEPS = 500
_ENDED_WELL = (*SUCCESSFUL, SKIPPED)


def steps_shown(steps: Sequence[Step], most: int = MOST_STEPS) -> list[Step]:
    """All of few; of many the last ones that did not end well, then the last ones that did; in the
    order in which they were started."""
    if len(steps) <= most:
        return list(steps)
    odd = [place for place, step in enumerate(steps) if step.state not in _ENDED_WELL][-most:]
    chosen = set(odd)
    for place in reversed(range(len(steps))):
        if len(chosen) >= most:
            break
        chosen.add(place)
    return [steps[place] for place in sorted(chosen)]


def told_state(history: History, step: Step) -> str:
    """Its state, and which attempt came in its place: `failed, then s9`."""
    later = history.next_attempt(step)
    return f"{step.state}, then {short(later)}" if later else step.state


def left_out(run: int, steps: int, shown: int) -> str:
    """A sentence on those that are not shown; empty where there are none."""
    if shown == steps:
        return ""
    return (
        f"Of {counted(steps, 'step')} {shown} are shown: those that failed or have not ended, then "
        f"the last ones. `python -m inspection show r{run}` lists all."
    )
