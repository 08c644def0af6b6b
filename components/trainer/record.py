"""`training.json`, the record of how a model was made that lies beside its SavedModel."""

from __future__ import annotations

import json
import os
from typing import Any

from tfx.dsl.io import fileio

_FILE = "training.json"


def read_record(model_uri: str) -> dict[str, Any]:
    """The record in a Model artifact's folder; empty when its run_fn left none."""
    path = os.path.join(model_uri, _FILE)
    if not fileio.exists(path):
        return {}
    with fileio.open(path) as file:
        return json.loads(file.read())


def write_record(model_uri: str, record: dict[str, Any]) -> None:
    with fileio.open(os.path.join(model_uri, _FILE), "w") as file:
        file.write(json.dumps(record, indent=1))
