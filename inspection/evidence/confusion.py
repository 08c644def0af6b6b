"""Which classes an evaluated model takes for which."""

from __future__ import annotations

import dataclasses
import json
import struct
from collections.abc import Mapping, Sequence

from inspection.evidence import protobuf
from inspection.evidence.damage import pass_over
from inspection.evidence.tfrecord import records_of
from inspection.files.workspace import Workspace
from inspection.history.records import Artifact

_MOST_CLASSES = 200


@dataclasses.dataclass(frozen=True)
class Confusion:
    """A confusion matrix over all examples."""

    classes: tuple[int, ...]
    counts: Mapping[tuple[int, int], float]
    """By actual and predicted class; pairs that never occurred are absent."""

    def share(self, actual: int, predicted: int) -> float:
        """Of the examples of a class, the part that was taken for `predicted`; 0 to 1."""
        total = sum(self.counts.get((actual, other), 0.0) for other in self.classes)
        return self.counts.get((actual, predicted), 0.0) / total if total else 0.0


def read_confusion(workspace: Workspace, evaluation_uri: str) -> Confusion | None:
    """The candidate's matrix in a ModelEvaluation; None when none was made or its files are gone.

    TFMA's MultiClassConfusionMatrixPlot writes it.
    """
    for file in workspace.files(evaluation_uri, "plots*"):
        try:
            for record in records_of(file):
                found = _of_slice(record)
                if found:
                    return found
        except (OSError, protobuf.WireError, struct.error) as error:
            pass_over(file, error)
    return None


def recorded_confusion(artifact: Artifact) -> tuple[Confusion, tuple[str, ...]] | None:
    """The matrix in a ClassificationMetrics artifact of Kubeflow or Vertex, with the names of the
    classes; None when it has none."""
    for name in ("confusionMatrix", "confusion_matrix"):
        try:
            document = json.loads(str(artifact.properties[name]))
            document = document.get("struct", document)
            labels = tuple(str(each["displayName"]) for each in document["annotationSpecs"])
            rows = [each["row"] if isinstance(each, dict) else each for each in document["rows"]]
            counts = {
                (actual, predicted): float(count)
                for actual, row in enumerate(rows)
                for predicted, count in enumerate(row)
            }
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            continue
        if len(labels) == len(rows) <= _MOST_CLASSES:
            return Confusion(tuple(range(len(labels))), counts), labels
    return None


# Field numbers below are those of PlotsForSlice in TFMA's metrics_for_slice.proto.
def _of_slice(record: bytes) -> Confusion | None:
    message = protobuf.fields(record)
    if protobuf.message(message, 1):
        return None  # a slice; the whole has an empty key
    for entry in message.get(8, ()):
        if not isinstance(entry, bytes):
            continue
        pair = protobuf.fields(entry)
        key = protobuf.fields(protobuf.message(pair, 1))
        if protobuf.text(key, 4) not in ("", "candidate"):
            continue
        data = protobuf.fields(protobuf.message(pair, 2))
        matrices = protobuf.fields(protobuf.message(data, 4)).get(1, ())
        # The one of the lowest threshold, at which every example has a predicted class.
        lowest = min(
            (protobuf.fields(each) for each in matrices if isinstance(each, bytes)),
            key=lambda matrix: protobuf.double(matrix, 1),
            default=None,
        )
        if lowest is not None:
            return _matrix(lowest)
    return None


def _matrix(message: Mapping[int, Sequence[protobuf.Field]]) -> Confusion:
    counts: dict[tuple[int, int], float] = {}
    for entry in message.get(2, ()):
        if isinstance(entry, bytes):
            fields = protobuf.fields(entry)
            pair = protobuf.whole_number(fields, 1), protobuf.whole_number(fields, 2)
            counts[pair] = protobuf.double(fields, 3)
    classes = sorted({name for pair in counts for name in pair if name >= 0})
    return Confusion(tuple(classes), counts)
