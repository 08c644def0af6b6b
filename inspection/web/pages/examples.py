"""`/artifacts/a1/examples?split=eval&slice=label%3D6`: rows and pictures of a split."""

from __future__ import annotations

from collections.abc import Mapping

from inspection.evidence.examples import read_examples, splits_of
from inspection.history.records import Artifact
from inspection.web.pages.page import Page
from inspection.web.source import Snapshot

ROWS = 30
LONGEST = 200


def page(snapshot: Snapshot, artifact: Artifact, arguments: Mapping[str, str]) -> Page:
    splits = splits_of(snapshot.workspace, artifact)
    # Whoever looks at a slice that fell looks at what was evaluated.
    usual = "eval" if "eval" in splits else next(iter(splits), "")
    split, wanted = arguments.get("split", usual), arguments.get("slice", "")[:LONGEST]
    found = read_examples(snapshot.workspace, artifact, split, wanted, ROWS)
    return Page(
        "examples.html.j2",
        f"Rows of a{artifact.id}",
        {"artifact": artifact, "splits": splits, "found": found, "slice": wanted},
    )
