"""Settings of a table of texts, written as a user writes them."""

from __future__ import annotations

from pathlib import Path

_TRIPS = """
name: trips
data: {format: csv, files: trips.csv}
features: {note: {kind: text}}
label: {name: tip, kind: classes, values: ["no", "yes"]}
evaluation: {metrics: [{metric: SparseCategoricalAccuracy, overall: {min: 0.5}}]}
"""


def trips(folder: Path) -> Path:
    """The settings file, in that folder; its data are not there."""
    path = folder / "trips.yaml"
    path.write_text(_TRIPS)
    return path
