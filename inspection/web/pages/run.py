"""`/runs/r2`: what became of a run, its graph, and each step with what it read and wrote."""

from __future__ import annotations

from inspection.drawing.graph import run_graph
from inspection.logged import metrics_of_run, settings_of_run
from inspection.questions.failure import why_failed
from inspection.questions.fate import fate_of_run
from inspection.questions.runs import run_before
from inspection.records import Run
from inspection.steps_shown import left_out, steps_shown
from inspection.web.pages.page import Page
from inspection.web.source import Snapshot


def page(snapshot: Snapshot, run: Run) -> Page:
    history, workspace = snapshot.history, snapshot.workspace
    fate = fate_of_run(history, run, workspace, snapshot.standings)
    steps = steps_shown(history.steps_of(run.id))
    return Page(
        "run.html.j2",
        f"Run {run.name}",
        {
            "run": run,
            "live": run.state == "running",
            "steps": steps,
            "left_out": left_out(run.id, len(run.steps), len(steps)),
            "fate": fate,
            "failure": why_failed(history, run, workspace)
            if fate.outcome in ("failed", "killed")
            else None,
            "metrics": metrics_of_run(run),
            "settings": settings_of_run(run),
            "graph": run_graph(history, run),
            "before": run_before(history, run),
            "notes": snapshot.notes.of(run),
            "tags": snapshot.notes.tags(run),
        },
    )
