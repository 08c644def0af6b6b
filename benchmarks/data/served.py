"""What a run pushed, served and asked: python -m benchmarks.data.served ROOT CONFIG

Prints the figures on the test split as JSON.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.data.figures import figures
from benchmarks.data.rows import records, rows_of
from documents.workspace import Workspace
from pipeline.settings import load_settings
from serving.grpc_client import GrpcClient
from serving.launch import launch

_BATCH = 1_000


def ask(root: Path, name: str, kind: str) -> NDArray[np.float32]:
    """What the pushed model answers to the test split, over gRPC."""
    output = "prediction" if kind == "number" else "probabilities"
    contents = [*records(root, "test")]
    answers = []
    with launch(Workspace(root).base_path(name), name, backend="embedded", grpc=True) as server:
        server.wait_available()
        assert server.grpc_target
        with GrpcClient(server.grpc_target, name) as client:
            for start in range(0, len(contents), _BATCH):
                batch = np.array(contents[start : start + _BATCH], object)
                answers.append(client.predict({"examples": batch}, "examples")[output])
    return np.concatenate(answers)


def main(root: Path, config: Path) -> None:
    settings = load_settings(config)
    _, labels = rows_of(root, settings.declaration, "test")
    answers = ask(root, settings.name, settings.label.kind)
    print(json.dumps({"examples": len(labels), **figures(answers, labels)}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
