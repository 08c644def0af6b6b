"""Tiny pipelines whose containers are a few lines of Python without TFX."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

STEP = """
import json, os, pathlib, sys
document = json.loads(sys.argv[1])
scheme = {"gs": "gcs", "s3": "s3", "minio": "minio"}
def local(uri):
    kind, _, key = uri.partition("://")
    return os.path.join(os.environ["KUBEFLOW_LAUNCHER_ROOT"], scheme[kind], key) if key else uri
[made] = document["outputs"]["artifacts"]["thing"]["artifacts"]
seen = [
    pathlib.Path(local(a["uri"]), "text").read_text()
    for found in document["inputs"].get("artifacts", {}).values() for a in found["artifacts"]
]
folder = pathlib.Path(local(made["uri"]))
(folder / "empty").mkdir(parents=True)
(folder / "text").write_text(" ".join([*seen, sys.argv[2]]))
"""
"""Writes what its inputs hold and its own name; the body of a test may follow."""
END = """
metadata = {"dict": {"a": 1}, "list": [1], "number": 2.0, "uri": made["uri"]}
written = {"thing": {"artifacts": [{"uri": made["uri"], "metadata": metadata}]}}
with open(document["outputs"]["outputFile"], "w") as file:
    json.dump({"artifacts": written}, file)
"""

Write = Callable[..., Path]


@pytest.fixture
def write_pipeline(tmp_path: Path) -> Write:
    """Writes a compiled file of a chain of tasks; `bodies` adds code to some of them."""

    def write(
        names: Sequence[str],
        bodies: dict[str, str] | None = None,
        *,
        cache: bool = False,
        root: str = "gs://bucket/root",
        **container: Any,
    ) -> Path:
        spec: dict[str, Any] = {
            "pipelineInfo": {"name": "tiny"},
            "defaultPipelineRoot": root,
            "schemaVersion": "2.1.0",
            "components": {},
            "deploymentSpec": {"executors": {}},
            "root": {
                "dag": {"tasks": {}},
                "inputDefinitions": {
                    "parameters": {
                        "word": {"parameterType": "STRING", "defaultValue": "hello"},
                        "needed": {"parameterType": "STRING"},
                    }
                },
            },
        }
        schema = {"artifactType": {"instanceSchema": "title: tfx.Model\ntype: object\n"}}
        for before, name in zip([None, *names], names, strict=False):
            code = STEP + (bodies or {}).get(name, "") + END
            spec["components"][name] = {
                "executorLabel": name,
                "inputDefinitions": {"parameters": {"word": {"parameterType": "STRING"}}},
                "outputDefinitions": {"artifacts": {"thing": schema}},
            }
            spec["deploymentSpec"]["executors"][name] = {
                "container": {
                    "image": "example.com/tiny@sha256:0",
                    "command": ["python", "-c", code],
                    "args": ["{{$}}", name],
                    **container,
                }
            }
            task: dict[str, Any] = {
                "componentRef": {"name": name},
                "cachingOptions": {"enableCache": cache},
                "inputs": {"parameters": {"word": {"componentInputParameter": "word"}}},
            }
            if before:
                task["inputs"]["artifacts"] = {
                    "before": {
                        "taskOutputArtifact": {"producerTask": before, "outputArtifactKey": "thing"}
                    }
                }
            spec["root"]["dag"]["tasks"][name] = task
        file = tmp_path / "tiny.yaml"
        # Through JSON: what two tasks share would become an alias, which no reader takes.
        file.write_text(yaml.safe_dump(json.loads(json.dumps(spec))))
        return file

    return write


@pytest.fixture
def kept(tmp_path: Path) -> Callable[[str], dict[str, Any]]:
    """The artifact that a task left."""

    def read(task: str) -> dict[str, Any]:
        document = json.loads((tmp_path / "work" / "tasks" / f"{task}.json").read_text())
        return document["artifacts"]["thing"]

    return read
