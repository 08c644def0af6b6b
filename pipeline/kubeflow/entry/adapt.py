"""Makes of an ExecutorInput as open-source Kubeflow writes it one that TFX understands. Pure.

ExecutorInput and ExecutorOutput are JSON documents here, in protobuf's camelCase form:
kubeflow/pipelines api/v2alpha1/pipeline_spec.proto.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from components.kept_at import KEPT_AT
from pipeline.files.local_paths import LocalPaths
from pipeline.kubeflow.custom_job import PARAMETERS, RESOURCES
from pipeline.kubeflow.entry.decision import NO_VERSION, VERSION
from pipeline.kubeflow.entry.local_paths import launchers_paths

LOGS = "executor-logs"
"""Output that Kubeflow's driver adds to every task; its type is none of TFX's."""
BASELINE = "baseline_model"
"""Input of TFX's Evaluator."""

Json = dict[str, Any]


def adapt(
    executor_input: Mapping[str, Any], inputs_spec: Mapping[str, Any], root: str
) -> tuple[Json, LocalPaths]:
    """The ExecutorInput for TFX's entry point, and what was mapped in it.

    Input artifacts that arrive untyped get the type of the task's own specification, the output
    `executor-logs` is dropped, dict and list metadata are unwrapped. Where a launcher moves the
    artifacts, their URIs become the launcher's local paths, in metadata also, and where inputs are
    kept stays with them; on Vertex, where nobody does, they stay.

    Args:
      executor_input: as the driver wrote it; it is not changed.
      inputs_spec: the ComponentInputsSpec that is compiled into the task's arguments.
      root: folder that stands for the container's root.
    """
    adapted = copy.deepcopy(dict(executor_input))
    adapted.setdefault("inputs", {})
    outputs = adapted["outputs"]
    outputs.get("artifacts", {}).pop(LOGS, None)
    inputs = adapted["inputs"].get("artifacts", {})
    for key in [key for key, value in inputs.items() if not value.get("artifacts")]:
        del inputs[key]
    for key, artifact in _artifacts(adapted["inputs"]):
        if not any(artifact.get("type", {}).values()):
            declared = inputs_spec.get("artifacts", {}).get(key, {}).get("artifactType")
            if declared:
                artifact["type"] = declared
    every = [*_artifacts(adapted["inputs"]), *_artifacts(outputs)]
    places = LocalPaths({})
    if has_launcher(executor_input):
        places = launchers_paths((artifact["uri"] for _, artifact in every), root)
    for _, artifact in _artifacts(adapted["inputs"]):
        if (uri := artifact["uri"]) in places.paths:
            # What is written down shall lead others there, and they have no launcher.
            artifact.setdefault("customProperties", {})[KEPT_AT] = {"stringValue": uri}
    for _, artifact in every:
        artifact["uri"] = places.to_local(artifact["uri"])
        if "metadata" in artifact:
            metadata = {key: _unwrapped(value) for key, value in artifact["metadata"].items()}
            artifact["metadata"] = places.to_local(metadata)
    return adapted, places


def without_job(executor_input: Mapping[str, Any]) -> Json:
    """The ExecutorInput without what only the launcher of a custom job reads."""
    result = copy.deepcopy(dict(executor_input))
    values = result.get("inputs", {}).get("parameterValues", {})
    for name in PARAMETERS & set(values):
        del values[name]
    written = result["outputs"].get("parameters", {})
    if written.pop(RESOURCES, None) and not written:
        del result["outputs"]["parameters"]
    return result


def has_launcher(executor_input: Mapping[str, Any]) -> bool:
    """Whether a launcher moves artifacts between the object store and local paths.

    It reads the ExecutorOutput from a local file; Vertex reads it from the object store.
    """
    return "://" not in executor_input["outputs"]["outputFile"]


_UUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_RUNS = (
    # Open source: ROOT/PIPELINE/RUN/TASK/ATTEMPT/KEY, without ATTEMPT in its first versions.
    re.compile(rf"://.+/({_UUID})/[^/]+(?:/{_UUID})?/[^/]+"),
    # Vertex AI: ROOT/PROJECT NUMBER/JOB/TASK_NUMBER/KEY.
    re.compile(r"://.+/\d+/([^/]+)/[^/]+_-?\d+/[^/]+"),
)


def run_id(executor_input: Mapping[str, Any]) -> str | None:
    """The id of the run, which stands nowhere but in the URIs of its outputs."""
    for _, artifact in _artifacts(executor_input["outputs"]):
        for pattern in _RUNS:
            if found := pattern.search(artifact["uri"]):
                return found[1]
    return None


def without_empty_baseline(adapted: Json, filled: Collection[str]) -> Json:
    """`adapted` without a baseline that has no files: TFX's own Evaluator would fail on it.

    Args:
      filled: local paths of those input artifacts that have files.
    """
    result = copy.deepcopy(adapted)
    inputs = result["inputs"].get("artifacts", {})
    for artifact in inputs.get(BASELINE, {}).get("artifacts", []):
        if artifact["uri"] not in filled:
            inputs.pop(BASELINE, None)
    return result


def merge_driver_output(adapted: Json, driver_output: Mapping[str, Any]) -> Json:
    """`adapted` with the parameters and the output artifacts' metadata that a driver decided on."""
    result = copy.deepcopy(adapted)
    parameters = result["inputs"].setdefault("parameterValues", {})
    parameters.update(driver_output.get("parameterValues", {}))
    if parameters.get(VERSION) == NO_VERSION:
        del parameters[VERSION]
    decided = dict(_artifacts(driver_output))
    for key, artifact in _artifacts(result["outputs"]):
        if key in decided:
            artifact.setdefault("metadata", {}).update(decided[key].get("metadata", {}))
    return result


def restored(executor_output: Mapping[str, Any], places: LocalPaths) -> Json:
    """TFX's ExecutorOutput with URIs instead of the launcher's local paths."""
    result = copy.deepcopy(dict(executor_output))
    for _, artifact in _artifacts(result):
        artifact.update(places.to_remote(artifact))
    return result


def _artifacts(side: Mapping[str, Any]) -> Iterator[tuple[str, Json]]:
    for key, value in side.get("artifacts", {}).items():
        for artifact in value.get("artifacts", []):
            yield key, artifact


def _unwrapped(value: Any) -> Any:
    """Metadata that is no number or string comes back wrapped (converter.go, see above)."""
    if isinstance(value, Mapping) and len(value) == 1:
        [(key, content)] = value.items()
        if (key == "struct" and isinstance(content, Mapping)) or (
            key == "list" and isinstance(content, list)
        ):
            return content
    return value
