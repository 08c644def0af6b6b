"""`/artifacts/a7/mistakes?slice=label%3D6`: what a model answered worst, with the rows."""

from __future__ import annotations

from collections.abc import Mapping

from inspection.history.records import Artifact
from inspection.questions.models.mistakes import mistakes_of
from inspection.web.pages.page import Page
from inspection.web.source import Snapshot

MOST = 60
LONGEST = 200


def page(snapshot: Snapshot, model: Artifact, arguments: Mapping[str, str]) -> Page:
    wanted = arguments.get("slice", "")[:LONGEST].strip()
    answer, rows = mistakes_of(snapshot.history, snapshot.workspace, model, wanted, MOST)
    return Page(
        "mistakes.html.j2",
        f"Worst answers of a{model.id}",
        {
            "model": model,
            "found": answer,
            "columns": rows.columns if rows else (),
            "cells": dict(rows.rows) if rows else {},
        },
    )
