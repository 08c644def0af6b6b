"""`/models`: every model and what became of it."""

from __future__ import annotations

from inspection.questions.fate.fate import fate_of_model
from inspection.questions.models.models import models
from inspection.web.pages.page import Page
from inspection.web.source import Snapshot

MOST = 200


def page(snapshot: Snapshot) -> Page:
    history = snapshot.history
    newest = list(models(history))[::-1][:MOST]
    rows = [
        (
            model,
            history.producer(model.id),
            fate_of_model(history, model, snapshot.workspace, snapshot.standings, evidence=False),
        )
        for model in newest
    ]
    return Page("models.html.j2", "Models", {"rows": rows})
