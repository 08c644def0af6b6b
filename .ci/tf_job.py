"""Is the TFJob that a compiled file holds one that the training operator's own SDK knows?

Run it in an environment with kubeflow-training: `python .ci/tf_job.py COMPILED.yaml`. The file is
compiled for open-source Kubeflow, with kubeflow.replicas.
"""

from __future__ import annotations

import importlib
import json
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from kubeflow.training import constants
from kubeflow.training.models import KubeflowOrgV1TFJob
from told import told

FLAG = "--training_job"
OURS = Path(__file__).resolve().parent.parent / "pipeline/kubeflow/training_job/manifest.py"
NAMED = {
    "KIND": constants.TFJOB_KIND,
    "PLURAL": constants.TFJOB_PLURAL,
    "CONTAINER": constants.TFJOB_CONTAINER,
    "CHIEF": constants.REPLICA_TYPE_CHIEF,
    "WORKER": constants.REPLICA_TYPE_WORKER,
    "JOB_LABEL": constants.JOB_NAME_LABEL,
    "TYPE_LABEL": constants.REPLICA_TYPE_LABEL,
    "INDEX_LABEL": constants.REPLICA_INDEX_LABEL,
}
SCALARS = {"str": str, "int": int, "bool": bool, "object": object}


def main(file: Path) -> int:
    """0 when everything holds; else what does not is printed."""
    spec = next(each for each in yaml.safe_load_all(file.read_text()) if each)
    [arguments] = [
        executor["container"]["args"]
        for executor in spec["deploymentSpec"]["executors"].values()
        if FLAG in executor.get("container", {}).get("args", ())
    ]
    job = json.loads(arguments[arguments.index(FLAG) + 1])
    differences = [*_fields(job, KubeflowOrgV1TFJob, "TFJob"), *_names(job)]
    return told(
        differences,
        "pipeline/kubeflow/training_job/manifest.py",
        "a TFJob is what kubeflow-training knows by that name",
    )


def _names(job: Mapping[str, Any]) -> Iterator[str]:
    version = f"{constants.GROUP}/{constants.VERSION}"
    if job["apiVersion"] != version:
        yield f"the version is {version}"
    text = OURS.read_text()
    for name, value in NAMED.items():
        # A tuple of names stands before a tuple of values.
        if not re.search(rf"\b{name}\b.*=", text) or f'"{value}"' not in text:
            yield f"{name} is {value}"


def _fields(value: Any, model: Any, path: str) -> Iterator[str]:
    """What the model does not have, or has of another kind."""
    known = {theirs: ours for ours, theirs in model.attribute_map.items()}
    for key, inner in value.items():
        if key not in known:
            yield f"{path} has no {key}"
            continue
        yield from _kind(inner, model.openapi_types[known[key]], f"{path}.{key}")


def _kind(value: Any, kind: str, path: str) -> Iterator[str]:
    listed, mapped = re.fullmatch(r"list\[(.+)\]", kind), re.fullmatch(r"dict\(str, (.+)\)", kind)
    if listed:
        for number, inner in enumerate(value):
            yield from _kind(inner, listed[1], f"{path}[{number}]")
    elif mapped:
        for key, inner in value.items():
            yield from _kind(inner, mapped[1], f"{path}.{key}")
    elif kind in SCALARS:
        if not isinstance(value, SCALARS[kind]):
            yield f"{path} is a {kind}"
    else:
        yield from _fields(value, _model(kind), path)


def _model(name: str) -> Any:
    for module in ("kubeflow.training.models", "kubernetes.client"):
        found = getattr(importlib.import_module(module), name, None)
        if found is not None:
            return found
    raise LookupError(f"there is no model {name}")


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
