"""What open-source Kubeflow's cache takes for the same work. Pure.

Source: kubeflow/pipelines backend/src/v2/cacheutils/cache.go and driver/cache.go. Input artifacts
count by name, so what is made again is new; code counts only by image; the environment not at all.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from pipeline.kubeflow.dry_run.compiled import Task
from pipeline.kubeflow.dry_run.values import as_json

_ESCAPES = {ord(character): f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"}
"""Go writes these so; they stand in no JSON but in its texts."""


def cache_key(task: Task, document: Mapping[str, Any]) -> dict[str, Any]:
    """The CacheKey of `task` with this ExecutorInput, as JSON without empty fields."""
    inputs, outputs = document["inputs"], document["outputs"]
    parameters = task.declared("output", "parameters")
    container = task.container
    key = {
        "inputArtifactNames": {
            name: {"artifactNames": [artifact["name"] for artifact in found["artifacts"]]}
            for name, found in inputs.get("artifacts", {}).items()
        },
        "inputParameterValues": inputs.get("parameterValues", {}),
        "outputArtifactsSpec": {
            name: {field: value for field, value in found["artifacts"][0].items() if field != "uri"}
            for name, found in outputs.get("artifacts", {}).items()
        },
        "outputParametersSpec": {
            name: parameters[name]["parameterType"] for name in outputs.get("parameters", {})
        },
        "containerSpec": _filled(
            {
                "image": container.get("image"),
                "cmdArgs": [*container.get("command", ()), *container.get("args", ())],
                "pvcNames": sorted(set(task.claims)),
            }
        ),
    }
    return _filled(key)


def fingerprint(key: Mapping[str, Any]) -> str:
    """Hex sha256 of a CacheKey, as Kubeflow computes it."""
    text = json.dumps(as_json(key), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.translate(_ESCAPES).encode()).hexdigest()


def _filled(document: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if value}
