"""`/runs/r2`: what became of a run, its graph, and each step with what it read and wrote."""

from __future__ import annotations

from inspection.history.records import Run
from inspection.reports.run_shown import run_shown
from inspection.web.pages.page import Page
from inspection.web.source import Snapshot


def page(snapshot: Snapshot, run: Run) -> Page:
    return Page(
        "run.html.j2",
        f"Run {run.name}",
        {
            **run_shown(snapshot.history, snapshot.workspace, run, snapshot.standings),
            "live": run.state == "running",
            "notes": snapshot.notes.of(run),
            "tags": snapshot.notes.tags(run),
        },
    )
