"""What Kubeflow's driver decides before a container starts: its ExecutorInput. Pure.

Sources: kubeflow/pipelines backend/src/v2/driver (resolve.go, container.go), metadata/converter.go
and component/launcher_v2.go. Vertex types its input artifacts and wraps no metadata.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from pipeline.kubeflow.dry_run.compiled import DryRunError, Task
from pipeline.kubeflow.entry.adapt import LOGS

Json = dict[str, Any]
Finished = Mapping[str, Mapping[str, Any]]
"""By task: `artifacts` (by output key: name, uri, type, metadata) and `parameters`."""


def executor_input(
    task: Task,
    finished: Finished,
    parameters: Mapping[str, Any],
    *,
    oss: bool,
    outputs: str,
    output_file: str,
) -> Json:
    """The ExecutorInput of `task`.

    Args:
      finished: what the tasks that it needs left.
      parameters: the pipeline's, by name.
      oss: as open-source Kubeflow's driver writes it, else as Vertex does.
      outputs: URI below which its output artifacts go.
      output_file: where it is to write its ExecutorOutput.

    Raises:
      DryRunError: a parameter has no value, or a producer left nothing.
    """
    made = {
        key: {
            "artifacts": [
                {
                    "type": definition["artifactType"],
                    "uri": f"{outputs}/{key}",
                    **({"metadata": definition["metadata"]} if "metadata" in definition else {}),
                }
            ]
        }
        for key, definition in task.declared("output", "artifacts").items()
    }
    if oss:
        made[LOGS] = {
            "artifacts": [{"type": {"schemaTitle": "system.Artifact"}, "uri": f"{outputs}/{LOGS}"}]
        }
    return {
        "inputs": {
            "parameterValues": _parameter_values(task, finished, parameters, oss=oss),
            "artifacts": {
                key: {"artifacts": [_input_artifact(task, key, source, finished, oss=oss)]}
                for key, source in task.inputs.get("artifacts", {}).items()
            },
        },
        "outputs": {
            "artifacts": made,
            "parameters": {
                key: {"outputFile": f"{output_file}.{key}"}
                for key in task.declared("output", "parameters")
            },
            "outputFile": output_file,
        },
    }


def cache_key(task: Task, document: Mapping[str, Any]) -> str:
    """Hex sha256 of what Kubeflow takes for the same work (cacheutils/cache.go).

    Input artifacts count by name, so what is made again is new; code counts only by image.
    """
    artifacts = document["inputs"]["artifacts"].items()
    key = {
        "inputs": {name: [a["name"] for a in found["artifacts"]] for name, found in artifacts},
        "parameters": document["inputs"]["parameterValues"],
        "outputs": {
            name: [{k: v for k, v in a.items() if k != "uri"} for a in found["artifacts"]]
            for name, found in document["outputs"]["artifacts"].items()
        },
        "container": {
            name: task.container.get(name) for name in ("image", "command", "args", "env")
        },
    }
    return hashlib.sha256(json.dumps(key, sort_keys=True).encode()).hexdigest()


def command_line(container: Mapping[str, Any], document: Mapping[str, Any]) -> list[str]:
    """The container's command and arguments with their placeholders filled in, as the launcher."""
    values = {"{{$}}": json.dumps(document)}
    for key, value in document["inputs"]["parameterValues"].items():
        text = value if isinstance(value, str) else json.dumps(value)
        values[f"{{{{$.inputs.parameters['{key}']}}}}"] = text
    filled = []
    for argument in [*container.get("command", ()), *container.get("args", ())]:
        # The arguments inside the ExecutorInput are data, so it is filled in as the last one.
        for placeholder in reversed(values):
            argument = argument.replace(placeholder, values[placeholder])
        filled.append(argument)
    return filled


def _parameter_values(
    task: Task, finished: Finished, parameters: Mapping[str, Any], *, oss: bool
) -> Json:
    definitions = task.declared("input", "parameters")
    values = {
        key: definition["defaultValue"]
        for key, definition in definitions.items()
        if "defaultValue" in definition
    }
    for key, source in task.inputs.get("parameters", {}).items():
        value = _parameter_value(task, key, source, finished, parameters)
        # The driver makes text of whatever else a STRING is given.
        if oss and definitions.get(key, {}).get("parameterType") == "STRING":
            value = value if isinstance(value, str) else json.dumps(value)
        values[key] = value
    return values


def _parameter_value(
    task: Task,
    key: str,
    source: Mapping[str, Any],
    finished: Finished,
    parameters: Mapping[str, Any],
) -> Any:
    if "componentInputParameter" in source:
        name = source["componentInputParameter"]
        if parameters.get(name) is None:
            raise DryRunError(
                f"Parameter {name} has neither a value nor a default; set it with "
                f"--param {name}=VALUE."
            )
        return parameters[name]
    if "taskOutputParameter" in source:
        producer = source["taskOutputParameter"]
        return finished[producer["producerTask"]]["parameters"][producer["outputParameterKey"]]
    if "constant" in source.get("runtimeValue", {}):
        return source["runtimeValue"]["constant"]
    raise DryRunError(
        f"Task {task.name}: parameter {key} is no constant, as Kubeflow demands; compile for "
        "pipeline spec 2.1."
    )


def _input_artifact(
    task: Task, key: str, source: Mapping[str, Any], finished: Finished, *, oss: bool
) -> Json:
    if "taskOutputArtifact" not in source:
        raise DryRunError(f"Task {task.name}: input {key} comes from no task; it cannot be run.")
    producer = source["taskOutputArtifact"]
    made = finished[producer["producerTask"]]["artifacts"]
    if producer["outputArtifactKey"] not in made:
        raise DryRunError(
            f"Task {task.name}: {producer['producerTask']} has no output "
            f"{producer['outputArtifactKey']}; compile the file again."
        )
    artifact = dict(made[producer["outputArtifactKey"]])
    if not oss:
        return artifact
    metadata = {name: _wrapped(value) for name, value in artifact["metadata"].items()}
    return {
        "name": artifact["name"],
        "type": {"instanceSchema": ""},
        "uri": artifact["uri"],
        "metadata": {**metadata, "display_name": producer["outputArtifactKey"]},
    }


def _wrapped(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {"struct": value}
    return {"list": value} if isinstance(value, list) else value
