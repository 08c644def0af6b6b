"""What ExampleValidator found wrong with the data."""

from __future__ import annotations

import dataclasses

from inspection.evidence.statistics import splits
from inspection.files.stored_file import StoredFile
from inspection.files.workspace import Workspace

FILE = "SchemaDiff.pb"


@dataclasses.dataclass(frozen=True)
class Anomaly:
    """Something that the schema does not allow."""

    feature: str
    severity: str
    """`error` or `warning`."""
    short: str
    description: str


@dataclasses.dataclass(frozen=True)
class Anomalies:
    """One split."""

    split: str
    found: tuple[Anomaly, ...]


def read_anomalies(workspace: Workspace, uri: str) -> list[Anomalies]:
    """The anomalies of each split of an ExampleAnomalies artifact, in order of their names.

    Empty when the files are gone; a damaged one is passed over.
    """
    return [
        found
        for split, file in splits(workspace, uri, FILE)
        if (found := _read(split, file)) is not None
    ]


def _read(split: str, file: StoredFile) -> Anomalies | None:
    from tensorflow_metadata.proto.v0 import anomalies_pb2

    from inspection.evidence.damage import read_message

    document = read_message(anomalies_pb2.Anomalies, file)
    if document is None:
        return None
    severities = anomalies_pb2.AnomalyInfo.Severity
    found = [
        Anomaly(
            name, severities.Name(info.severity).lower(), info.short_description, info.description
        )
        for name, info in sorted(document.anomaly_info.items())
    ]
    if document.HasField("dataset_anomaly_info"):
        info = document.dataset_anomaly_info
        found.insert(
            0,
            Anomaly(
                "the data set",
                severities.Name(info.severity).lower(),
                info.short_description,
                info.description,
            ),
        )
    return Anomalies(split, tuple(found))
