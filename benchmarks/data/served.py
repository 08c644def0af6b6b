"""What a run pushed, served and asked: python -m benchmarks.data.served ROOT CONFIG

Prints the figures on the test split as JSON.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.data.figures import figures
from benchmarks.data.rows import records, rows_of
from documents.workspace import Workspace
from pipeline.settings import Settings, load_settings
from serving.clients.grpc_client import GrpcClient
from serving.launch import launch

_BATCH = 1_000


Answers = NDArray[np.float32]


def ask(root: Path, settings: Settings, table: pd.DataFrame) -> tuple[Answers, Answers]:
    """What the pushed model answers to the test split over gRPC: to examples, and to columns."""
    name = settings.name
    output = "prediction" if settings.label.kind == "number" else "probabilities"
    contents = [*records(root, "test")]
    answers: dict[str, list[Answers]] = {"examples": [], "serving_default": []}
    with launch(Workspace(root).base_path(name), name, backend="embedded", grpc=True) as server:
        server.wait_available()
        assert server.grpc_target
        with GrpcClient(server.grpc_target, name) as client:
            for start in range(0, len(contents), _BATCH):
                part = slice(start, start + _BATCH)
                inputs = {
                    "examples": {"examples": np.array(contents[part], object)},
                    "serving_default": columns(settings, table[part]),
                }
                for signature, found in inputs.items():
                    answers[signature].append(client.predict(found, signature)[output])
    by_examples, by_columns = (np.concatenate(found) for found in answers.values())
    return by_examples, by_columns


def columns(settings: Settings, table: pd.DataFrame) -> dict[str, NDArray[Any]]:
    """Rows as clients send them, who write NaN or an empty text for what is missing."""
    return {
        name: table[name].to_numpy(np.float32)
        if kind.STORED == "FLOAT"
        else np.array([text or "" for text in table[name]], object)
        for name, kind in settings.declaration.used.items()
    }


def main(root: Path, config: Path) -> None:
    settings = load_settings(config)
    table, labels = rows_of(root, settings.declaration, "test")
    answers, by_columns = ask(root, settings, table)
    apart = float(np.abs(answers - by_columns).max())
    print(json.dumps({"examples": len(labels), "apart": apart, **figures(answers, labels)}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
