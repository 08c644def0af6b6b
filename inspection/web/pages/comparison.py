"""`/compare?before=r1&now=r2`, or `?run=r1&run=r2&run=r3`: only what differs among runs."""

from __future__ import annotations

from collections.abc import Sequence

from documents.terminal.counted import counted
from inspection.drawing.parallel import parallel
from inspection.history.records import Run
from inspection.questions.runs.compared import compare_runs
from inspection.questions.runs.difference import difference
from inspection.web.pages.page import Page
from inspection.web.source import Snapshot


def page(snapshot: Snapshot, before: Run, now: Run) -> Page:
    return Page(
        "comparison.html.j2",
        f"r{before.id} and r{now.id}",
        {
            "before": before,
            "now": now,
            "answer": difference(
                snapshot.history, before, now, snapshot.workspace, snapshot.standings
            ),
        },
    )


def many(snapshot: Snapshot, runs: Sequence[Run], with_refused: bool) -> Page:
    answer = compare_runs(
        snapshot.history,
        runs,
        snapshot.workspace,
        snapshot.standings,
        with_refused=with_refused,
    )
    return Page(
        "runs_compared.html.j2",
        f"{counted(len(answer.runs), 'run')} compared",
        {
            "answer": answer,
            "drawn": parallel(answer),
            "named": [f"r{run.id}" for run in runs],
            "with_refused": with_refused,
        },
    )
