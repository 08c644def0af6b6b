"""`/search?q=…`: records by id, name, uri or property."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from itertools import islice

from inspection.history import History
from inspection.ids import Record
from inspection.records import Artifact, Run, Step, Value
from inspection.web.pages.page import Page
from inspection.web.source import Snapshot

MOST = 100
_SNIPPET = 60


@dataclasses.dataclass(frozen=True)
class Hit:
    """A record, and the text in which it was found."""

    record: Record
    what: str
    """`name`, `uri`, or the property's name."""
    text: str


def page(snapshot: Snapshot, text: str) -> Page:
    found = list(islice(search(snapshot.history, text), MOST + 1)) if text else []
    return Page(
        "search.html.j2",
        f"Search {text}" if text else "Search",
        {"text": text, "hits": found[:MOST], "more": len(found) > MOST, "most": MOST},
    )


def search(history: History, text: str) -> Iterator[Hit]:
    """Where `text` occurs, in any case: runs, then steps, then artifacts, newest first."""
    wanted = text.lower()
    for run in reversed(list(history.runs.values())):
        yield from _hits(run, wanted, {"name": run.name, "pipeline": run.pipeline})
    for step in reversed(list(history.steps.values())):
        yield from _hits(step, wanted, {"node": step.node, "type": step.type, **step.properties})
    for id in reversed(list(history.artifacts)):
        artifact = history.artifacts[id]
        texts = {"type": artifact.type, "name": artifact.name or "", "uri": artifact.uri}
        yield from _hits(artifact, wanted, {**texts, **artifact.properties})


def _hits(record: Run | Step | Artifact, wanted: str, texts: dict[str, Value]) -> Iterator[Hit]:
    """The first text of a record that fits."""
    for what, value in texts.items():
        text = str(value)
        at = text.lower().find(wanted)
        if at >= 0:
            start = max(0, at - _SNIPPET)
            end = at + len(wanted) + _SNIPPET
            cut = f"{'…' if start else ''}{text[start:end]}{'…' if end < len(text) else ''}"
            yield Hit(record, what, cut)
            return
