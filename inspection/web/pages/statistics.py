"""`/artifacts/a3/statistics`: each feature's distribution, beside that of other data."""

from __future__ import annotations

from inspection.drawing.distributions import split_rows
from inspection.evidence.features import features_of_statistics, kinds, named
from inspection.evidence.statistics import read_statistics
from inspection.history.records import Artifact
from inspection.web.pages.page import MissingError, Page
from inspection.web.source import Snapshot

TYPE = "ExampleStatistics"


def page(snapshot: Snapshot, artifact: Artifact, compared: Artifact | None) -> Page:
    history, workspace = snapshot.history, snapshot.workspace
    found = read_statistics(workspace, artifact.uri)
    if not found and artifact.type != TYPE:
        raise MissingError(f"a{artifact.id} has no statistics here; name their folder with --root.")
    others = [each for each in history.of_type(TYPE) if each.id != artifact.id]
    old = read_statistics(workspace, compared.uri) if compared else []
    document = features_of_statistics(history, workspace, artifact)
    return Page(
        "statistics.html.j2",
        f"Statistics a{artifact.id}",
        {
            "artifact": artifact,
            "compared": compared,
            "others": others,
            "splits": split_rows(
                [named(each, document) for each in found],
                [named(each, document) for each in old],
                f"a{compared.id}" if compared else None,
                kinds(document),
            ),
        },
    )
