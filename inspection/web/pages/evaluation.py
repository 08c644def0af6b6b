"""`/steps/s9/evaluation`: each metric by slice, thresholds, baseline, and the confusions."""

from __future__ import annotations

from documents.mistakes import Mistakes
from inspection.drawing.evaluation import evidence
from inspection.history.records import Step
from inspection.questions.models.models import candidate_of
from inspection.web.pages.page import Page
from inspection.web.source import Snapshot


def page(snapshot: Snapshot, step: Step) -> Page:
    found = evidence(snapshot.history, snapshot.workspace, step)
    model = candidate_of(snapshot.history, step)
    given = snapshot.history.input_artifacts(step.id)
    examples = next((each for each in given if each.type == "Examples"), None)
    title = f"Evaluation by {step.node} s{step.id}"
    return Page(
        "evaluation.html.j2",
        title,
        {
            "evidence": found,
            "step": step,
            "model": model,
            "examples": examples,
            "mistakes": snapshot.workspace.read(Mistakes, model.uri) if model else None,
        },
    )
