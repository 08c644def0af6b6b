"""`/compare?before=r1&now=r2`: only what differs between two runs."""

from __future__ import annotations

from inspection.questions.difference import compare_runs
from inspection.records import Run
from inspection.web.pages.page import Page
from inspection.web.source import Snapshot


def page(snapshot: Snapshot, before: Run, now: Run) -> Page:
    return Page(
        "comparison.html.j2",
        f"r{before.id} and r{now.id}",
        {
            "before": before,
            "now": now,
            "answer": compare_runs(
                snapshot.history, before, now, snapshot.workspace, snapshot.standings
            ),
        },
    )
