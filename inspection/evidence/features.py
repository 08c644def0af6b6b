"""Features and the label as the pipeline that made them calls them."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from documents.features import Features, Label
from inspection.evidence.statistics import Feature, Statistics
from inspection.files.workspace import Workspace
from inspection.history.history import History
from inspection.history.records import Artifact


def features_of_statistics(
    history: History, workspace: Workspace, statistics: Artifact
) -> Features | None:
    """What lies beside the examples that were counted; None with those of another pipeline."""
    producer = history.producer(statistics.id)
    for artifact in history.input_artifacts(producer.id) if producer else ():
        if artifact.type == "Examples":
            return workspace.read(Features, artifact.uri)
    return None


def kinds(document: Features | None) -> Mapping[str, str]:
    """The kind of each column, in the order in which people declared them, the label last."""
    if document is None:
        return {}
    found = {feature.name: feature.kind for feature in document.features}
    return {**found, document.label.name: f"label, {document.label.kind}"}


def named(found: Statistics, document: Features | None) -> Statistics:
    """The same in the declared order, and with the names of classes for their numbers."""
    if document is None:
        return found
    order = {name: place for place, name in enumerate(kinds(document))}
    features = sorted(found.features.values(), key=lambda each: order.get(each.name, len(order)))
    return dataclasses.replace(
        found, features={each.name: _named(each, document.label) for each in features}
    )


def _named(feature: Feature, label: Label) -> Feature:
    if feature.name != label.name or label.kind != "classes" or not label.values:
        return feature
    names = {str(index): name for index, name in enumerate(label.values)}
    values = {names.get(value, value): count for value, count in feature.values.items()}
    return dataclasses.replace(feature, values=values)
