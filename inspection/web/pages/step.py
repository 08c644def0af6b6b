"""`/steps/s7`: one execution, why it (did not) run, and where it stands."""

from __future__ import annotations

from inspection.drawing.graph import lineage_graph
from inspection.evidence.log import log_of
from inspection.history.records import Step
from inspection.history.states import FAILED, SUCCESSFUL
from inspection.questions.executions.cache import why_cached
from inspection.questions.executions.execution import of_its_own
from inspection.questions.executions.failure import why_failed
from inspection.questions.lineage import Reach, lineage
from inspection.questions.models.evaluations import is_metrics
from inspection.web.pages.page import Page
from inspection.web.source import Snapshot


def page(snapshot: Snapshot, step: Step, reach: Reach) -> Page:
    history = snapshot.history
    run = history.runs[step.run] if step.run is not None else None
    log = snapshot.workspace.log(run.name) if run else None
    return Page(
        "step.html.j2",
        f"{step.node} {step.state}",
        {
            "step": step,
            "run": run,
            "cache": why_cached(history, step) if step.state in SUCCESSFUL else None,
            "alone": of_its_own(step),
            "failure": why_failed(history, run, snapshot.workspace, step)
            if run and step.state in FAILED
            else None,
            "graph": lineage_graph(
                history, lineage(history, step, reach), word_of=snapshot.word_of
            ),
            "reach": reach,
            "live": step.state == "running",
            "log": log_of(log, step.started, step.ended) if log else None,
            "measures": any(map(is_metrics, history.output_artifacts(step.id))),
        },
    )
