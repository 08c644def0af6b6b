"""`training.json`, the record of how a model was made that lies beside its SavedModel."""

from __future__ import annotations

import json
import os
from typing import Any

from tfx.dsl.io import fileio

_FILE = "training.json"


class RecordError(ValueError):
    """The record is damaged."""


def read_record(model_uri: str) -> dict[str, Any]:
    """The record in a Model artifact's folder; empty when its run_fn left none.

    Raises:
      RecordError: it is no JSON object.
    """
    path = os.path.join(model_uri, _FILE)
    if not fileio.exists(path):
        return {}
    with fileio.open(path) as file:
        try:
            record = json.loads(file.read())
        except ValueError:
            record = None
    if not isinstance(record, dict):
        raise RecordError(
            f"{path} is damaged; run the pipeline again, on a cluster without cache, to make it"
            " anew."
        )
    return record


def write_record(model_uri: str, record: dict[str, Any]) -> None:
    with fileio.open(os.path.join(model_uri, _FILE), "w") as file:
        file.write(json.dumps(record, indent=1))
