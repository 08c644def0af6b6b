"""`/serving`: what is live, what was live when, and where each version came from."""

from __future__ import annotations

import dataclasses
import datetime
import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

from documents.provenance import Provenance
from inspection.files.base_path import BasePath, match
from inspection.history.pushes import pushed_to, pushed_version, pushes
from inspection.history.records import Artifact
from inspection.questions.fate.changes import Change, ledger_changes
from inspection.questions.fate.serving import serving
from inspection.questions.models.origin import origin_of_version
from inspection.web.pages.page import MissingError, Page
from inspection.web.source import Snapshot

TIMELINE_WIDTH = 900
SERVER_SECONDS = 2.0
"""How long the page waits for a model server."""


@dataclasses.dataclass(frozen=True)
class Period:
    """A version was live from `start` to `end`, drawn from `x` on."""

    version: int | None
    start: datetime.datetime
    end: datetime.datetime | None
    x: float
    width: float
    row: int


@dataclasses.dataclass(frozen=True)
class Timeline:
    """What was live when."""

    periods: tuple[Period, ...]
    versions: tuple[int, ...]
    """One row each."""


def page(snapshot: Snapshot) -> Page:
    answers = serving(
        snapshot.base_paths,
        now=snapshot.now,
        ask=lambda base: _states(snapshot.server, base.name),
        history=snapshot.history,
        workspace=snapshot.workspace,
    )
    return Page(
        "serving.html.j2",
        "Serving",
        {
            "answers": [(answer, timeline(answer.changes, snapshot.now)) for answer in answers],
            "alike": Counter(base.name for base in snapshot.base_paths),
            "bases": {base.path: base for base in snapshot.base_paths},
            "line_width": TIMELINE_WIDTH,
            "server": snapshot.server,
        },
    )


def version_page(snapshot: Snapshot, model: str, version: int, path: str | None = None) -> Page:
    """`path` tells which base path is meant where several have the name of the model."""
    base = _base(snapshot, model, path)
    provenance = base.provenance(version)
    if version not in base.versions:
        raise MissingError(f"Version {version} of {model} is no longer in the base path.")
    found = provenance or Provenance(version=version)
    return Page(
        "version.html.j2",
        f"{model} version {version}",
        {
            "base": base,
            "version": version,
            "provenance": found,
            "recorded": provenance is not None,
            "origin": origin_of_version(found),
            "pushed": pushed_as(snapshot, base, version),
            "changes": [
                change
                for entry, change in zip(
                    base.ledger, ledger_changes(base.ledger, base.path), strict=True
                )
                if version in (entry.version, *entry.withdrawn)
            ],
            "document": json.dumps(found.as_written(), indent=1, ensure_ascii=False),
        },
    )


def pushed_as(snapshot: Snapshot, base: BasePath, version: int) -> Artifact | None:
    """The PushedModel of a version; another base path may have one of the same number."""
    history = snapshot.history
    for each in pushes(history):
        recorded = pushed_to(each)
        if recorded is None or pushed_version(each) != version:
            continue
        if match(history, recorded, snapshot.base_paths, snapshot.workspace) is base:
            return each
    return None


def timeline(changes: Sequence[Change], now: datetime.datetime) -> Timeline | None:
    """The periods in which each version was live; None when nothing ever was."""
    dated = [change for change in changes if change.time is not None]
    moments = [(change.time, change.live_after) for change in dated if change.time is not None]
    merged: list[tuple[datetime.datetime, int | None]] = []
    for time, live in moments:
        if not merged or merged[-1][1] != live:
            merged.append((time, live))
    if not merged:
        return None
    start, end = merged[0][0], max(now, merged[-1][0])
    total = (end - start).total_seconds() or 1.0
    versions = tuple(dict.fromkeys(live for _, live in merged if live is not None))
    periods = []
    for index, (begin, live) in enumerate(merged):
        if live is None:
            continue
        until = merged[index + 1][0] if index + 1 < len(merged) else None
        x = (begin - start).total_seconds() / total * TIMELINE_WIDTH
        width = ((until or end) - begin).total_seconds() / total * TIMELINE_WIDTH
        periods.append(
            Period(live, begin, until, round(x, 1), round(max(width, 2), 1), versions.index(live))
        )
    return Timeline(tuple(periods), versions)


def _states(server: str | None, model: str) -> list[dict[str, Any]] | None:
    """What a model server says about its versions; none where it does not answer."""
    if server is None:
        return None
    # Few explorers have a server to ask, and to import it takes a tenth of the start.
    from serving.clients.rest_client import RestClient, ServingError

    try:
        return RestClient(server, model, timeout=SERVER_SECONDS).status()
    except (OSError, ServingError):
        return []


def _base(snapshot: Snapshot, model: str, path: str | None) -> BasePath:
    for base in snapshot.base_paths:
        if base.name == model and path in (None, base.path):
            return base
    known = ", ".join(base.name for base in snapshot.base_paths) or "none"
    raise MissingError(f"There is no base path of {model}; there is {known}.")
