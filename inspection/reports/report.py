"""A run on one page, in one file, to be mailed or kept: what went in, what came out, and why."""

from __future__ import annotations

import datetime
import functools
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from documents.reader import noticed
from inspection.drawing.distributions import Split, split_rows
from inspection.drawing.evaluation import evidence
from inspection.evidence.anomalies import read_anomalies
from inspection.evidence.features import features_of_statistics, kinds, named
from inspection.evidence.quarantine import read_quarantine
from inspection.evidence.statistics import read_statistics
from inspection.files.workspace import Workspace
from inspection.history.history import History
from inspection.history.ids import Record
from inspection.history.records import Artifact, Run, Step
from inspection.questions.fate.standing import Standings
from inspection.questions.models.models import candidate
from inspection.questions.models.origin import origin_of_model
from inspection.questions.models.rebuild import rebuild_model
from inspection.questions.runs.difference import difference
from inspection.reports.rendering import render
from inspection.reports.run_shown import run_shown

_STYLE = Path(__file__).parents[1] / "web" / "static" / "style.css"


def run_report(
    history: History,
    workspace: Workspace,
    run: Run,
    now: datetime.datetime,
    standings: Standings | None = None,
) -> str:
    """The page as HTML, which fetches nothing and has no script.

    Args:
      history: where the run is.
      workspace: holds the files behind its artifacts.
      run: what to report.
      now: to say when the report was made.
      standings: to say how a pushed version stands at that time.
    """
    with noticed() as damage:
        values = _values(history, workspace, run, standings)
        return render(
            "report.html.j2",
            {
                "title": f"Run {run.name}",
                "style": _STYLE.read_text(encoding="utf-8"),
                "made": now,
                "damage": damage,
                **values,
            },
            _anchor,
        )


def _values(
    history: History, workspace: Workspace, run: Run, standings: Standings | None
) -> dict[str, Any]:
    last = history.last_steps_of(run.id)
    outputs = [artifact for _, artifact in _came_out(history, last)]
    model = candidate(history, run)
    shown = run_shown(history, workspace, run, standings)
    before = shown["before"]
    rows_of = functools.partial(read_quarantine, workspace)
    found = [evidence(history, workspace, step) for step in last]
    return {
        "history": history,
        **shown,
        "came_out": _came_out(history, shown["steps"]),
        "model": model,
        "origin": origin_of_model(history, model, workspace) if model else None,
        "rebuild": rebuild_model(history, model, workspace) if model else None,
        "evidence": [each for each in found if each.figures or each.charts or each.checks],
        "splits": [
            split
            for artifact in outputs
            if artifact.type == "ExampleStatistics"
            for split in _splits(history, workspace, artifact)
        ],
        "quarantines": [each for each in map(rows_of, outputs) if each and each.count],
        "anomalies": [
            (split, each)
            for artifact in outputs
            if artifact.type == "ExampleAnomalies"
            for split in read_anomalies(workspace, artifact.uri)
            for each in split.found
        ],
        "difference": difference(history, before, run, workspace, standings) if before else None,
    }


def _came_out(history: History, steps: Sequence[Step]) -> list[tuple[Step, Artifact]]:
    """What steps wrote: each once, though several may have it, or one may have it twice."""
    found: dict[int, tuple[Step, Artifact]] = {}
    for step in steps:
        for artifact in history.output_artifacts(step.id):
            found.setdefault(artifact.id, (step, artifact))
    return list(found.values())


def _splits(history: History, workspace: Workspace, statistics: Artifact) -> list[Split]:
    document = features_of_statistics(history, workspace, statistics)
    found = [named(each, document) for each in read_statistics(workspace, statistics.uri)]
    return split_rows(found, (), None, kinds(document))


def _anchor(record: Record) -> str | None:
    """Artifacts have their place on the page; other records are elsewhere."""
    return f"#a{record.id}" if isinstance(record, Artifact) else None
