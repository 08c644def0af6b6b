"""`/search?q=…`: records by id, name, uri or property."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterator, Mapping
from itertools import islice

from inspection.history.events import Side
from inspection.history.history import History
from inspection.history.ids import Record
from inspection.history.records import Artifact, Run, Step, Value
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
    held = history.that_may_hold(wanted)
    for run in reversed(list(history.runs.values())):
        yield from _hits(run, wanted, {"name": run.name, "pipeline": run.pipeline}, {})
    steps = history.steps
    for id in reversed(steps):
        texts = {"node": steps.node_of(id), "type": steps.type_of(id)}
        looked_into = held is None or id in held["step"]
        if looked_into or any(wanted in text.lower() for text in texts.values()):
            properties = steps[id].properties if looked_into else {}
            yield from _hits(steps[id], wanted, texts, properties)
    for id in reversed(_artifacts(history, wanted, held)):
        artifact = history.artifacts[id]
        texts = {"type": artifact.type, "name": artifact.name or "", "uri": artifact.uri}
        yield from _hits(artifact, wanted, texts, artifact.properties)


def _artifacts(
    history: History, wanted: str, held: Mapping[Side, Collection[int]] | None
) -> list[int]:
    """The ids of those to look at, in their order."""
    if held is None:
        return list(history.artifacts)
    types = {type for type in history.first_of_types if wanted in type.lower()}
    of_type = {each for each, type in history.types_by_id() if type in types} if types else set()
    return sorted(id for id in {*held["artifact"], *of_type} if id in history.artifacts)


def _hits(
    record: Run | Step | Artifact,
    wanted: str,
    texts: Mapping[str, str],
    properties: Mapping[str, Value],
) -> Iterator[Hit]:
    """The first text of a record that fits; of a property its name may be what fits."""
    for what, text in texts.items():
        if wanted in text.lower():
            yield Hit(record, what, _snippet(text, wanted))
            return
    for what, value in properties.items():
        text = str(value)
        if wanted in text.lower() or wanted in what.lower():
            yield Hit(record, what, _snippet(text, wanted))
            return


def _snippet(text: str, wanted: str) -> str:
    at = max(0, text.lower().find(wanted))
    start, end = max(0, at - _SNIPPET), at + len(wanted) + _SNIPPET
    return f"{'…' if start else ''}{text[start:end]}{'…' if end < len(text) else ''}"
