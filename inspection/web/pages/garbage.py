"""`/garbage`: what could be deleted."""

from __future__ import annotations

from inspection.questions.garbage.garbage import garbage
from inspection.web.pages.page import Page
from inspection.web.source import Snapshot


def page(snapshot: Snapshot) -> Page:
    answer = garbage(snapshot.history, snapshot.workspace, snapshot.base_paths, now=snapshot.now)
    return Page("garbage.html.j2", "Clean-up", {"answer": answer})
