"""`/browse/artifacts`: everything in the store, kind by kind."""

from __future__ import annotations

from collections.abc import Mapping

from inspection.questions.browse import KINDS, browse
from inspection.web.pages.page import MissingError, Page
from inspection.web.source import Snapshot

PER_PAGE = 100


def page(snapshot: Snapshot, kind: str, arguments: Mapping[str, str]) -> Page:
    if kind not in KINDS:
        raise MissingError(f"There are no {kind} to list, but {', '.join(KINDS)}.")
    number = max(1, int(arguments["page"])) if arguments.get("page", "").isdecimal() else 1
    type = arguments.get("type") or None
    answer = browse(snapshot.history, kind, type=type, last=PER_PAGE, skip=PER_PAGE * (number - 1))
    return Page(
        "browse.html.j2",
        f"All {kind}",
        {
            "answer": answer,
            "kinds": KINDS,
            "type": type,
            "page": number,
            "pages": -(-answer.total // PER_PAGE) or 1,
        },
    )
