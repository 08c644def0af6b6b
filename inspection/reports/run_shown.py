"""What a page of a run and a report of it both show of the run itself."""

from __future__ import annotations

from typing import Any

from inspection.drawing.graph import run_graph
from inspection.evidence.logged import metrics_of_run, settings_of_run
from inspection.files.workspace import Workspace
from inspection.history.history import History
from inspection.history.records import Run
from inspection.history.steps_shown import left_out, steps_shown
from inspection.questions.executions.failure import why_failed
from inspection.questions.fate.fate import fate_of_run
from inspection.questions.fate.standing import Standings
from inspection.questions.runs.runs import run_before


def run_shown(
    history: History, workspace: Workspace, run: Run, standings: Standings | None
) -> dict[str, Any]:
    """The values by the names that the templates know them by.

    Args:
      standings: to say how a pushed version stands; None where nobody asks.
    """
    steps = steps_shown(history.steps_of(run.id))
    fate = fate_of_run(history, run, workspace, standings)
    return {
        "run": run,
        "steps": steps,
        "left_out": left_out(run.id, len(run.steps), len(steps)),
        "fate": fate,
        "failure": why_failed(history, run, workspace) if fate.has_failed else None,
        "metrics": metrics_of_run(run),
        "settings": settings_of_run(run),
        "graph": run_graph(history, run),
        "before": run_before(history, run),
    }
