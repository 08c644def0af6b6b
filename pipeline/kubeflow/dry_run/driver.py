"""What Kubeflow's driver decides before a container starts: its ExecutorInput. Pure.

Sources: kubeflow/pipelines backend/src/v2/driver (resolve.go, driver.go, container.go),
metadata/client.go, config/env.go and component/launcher_v2.go. Vertex types its input artifacts and
wraps no metadata.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from typing import Any

from pipeline.kubeflow.dry_run import values
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
    task_root: str,
    output_file: str,
    parameter_folder: str = "/tmp/kfp/outputs",
) -> Json:
    """The ExecutorInput of `task`; as protobuf's JSON, it has no empty maps.

    Args:
      finished: what the tasks that it needs left.
      parameters: the pipeline's, by name.
      oss: as open-source Kubeflow's driver writes it, else as Vertex does.
      task_root: URI below which its output artifacts go.
      output_file: where it is to write its ExecutorOutput.
      parameter_folder: where it may write its output parameters, a file each.

    Raises:
      DryRunError: a parameter has no value or one of another type, or a producer left nothing.
    """
    made = {
        key: _output_artifact(task_root, key, definition, oss=oss)
        for key, definition in task.declared("output", "artifacts").items()
    }
    if oss:
        logs = {"artifactType": {"schemaTitle": "system.Artifact"}}
        made[LOGS] = _output_artifact(task_root, LOGS, logs, oss=oss)
    inputs = {
        "parameterValues": _parameter_values(task, finished, parameters, oss=oss),
        "artifacts": {
            key: {"artifacts": [_input_artifact(task, key, source, finished, oss=oss)]}
            for key, source in task.inputs.get("artifacts", {}).items()
        },
    }
    outputs = {
        "artifacts": made,
        "parameters": {
            key: {"outputFile": f"{parameter_folder}/{key}"}
            for key in task.declared("output", "parameters")
        },
        "outputFile": output_file,
    }
    return {
        "inputs": {key: value for key, value in inputs.items() if value},
        "outputs": {key: value for key, value in outputs.items() if value},
    }


def launched(task: Task, document: Mapping[str, Any], attempt: int = 0) -> Json:
    """The ExecutorInput as the launcher fills it in: with the defaults of parameters, and with the
    number of the attempt on the URI of its logs."""
    made = copy.deepcopy(dict(document))
    for key, definition in task.declared("input", "parameters").items():
        if "defaultValue" in definition:
            given = made["inputs"].setdefault("parameterValues", {})
            given.setdefault(key, values.as_json(definition["defaultValue"]))
    for artifact in made["outputs"].get("artifacts", {}).get(LOGS, {}).get("artifacts", ()):
        artifact["uri"] += f"-{attempt}"
    return made


def session_info(uri: str) -> str:
    """How the launcher reaches the store behind `uri`, where the ConfigMap kfp-launcher says
    nothing; it is written to every artifact."""
    provider = uri.partition("://")[0]
    params = {"fromEnv": "true"}
    if provider == "minio":
        params = {
            "accessKeyKey": "accesskey",
            "disableSSL": "true",
            "endpoint": "seaweedfs.kubeflow:9000",
            "fromEnv": "false",
            "maxRetries": "5",
            "region": "minio",
            "secretKeyKey": "secretkey",
            "secretName": "mlpipeline-minio-artifact",
        }
    return json.dumps({"Provider": provider, "Params": params}, separators=(",", ":"))


def command_line(container: Mapping[str, Any], document: Mapping[str, Any]) -> list[str]:
    """The container's command and arguments with their placeholders filled in, as the launcher."""
    values = {"{{$}}": json.dumps(document)}
    for key, value in document["inputs"].get("parameterValues", {}).items():
        text = value if isinstance(value, str) else json.dumps(value)
        values[f"{{{{$.inputs.parameters['{key}']}}}}"] = text
    filled = []
    for argument in [*container.get("command", ()), *container.get("args", ())]:
        # The arguments inside the ExecutorInput are data, so it is filled in as the last one.
        for placeholder in reversed(values):
            argument = argument.replace(placeholder, values[placeholder])
        filled.append(argument)
    return filled


def _output_artifact(task_root: str, key: str, definition: Mapping[str, Any], *, oss: bool) -> Json:
    return {
        "artifacts": [
            {
                **({"name": key} if oss else {}),
                "type": definition["artifactType"],
                "uri": f"{task_root}/{key}",
                **({"metadata": definition["metadata"]} if "metadata" in definition else {}),
            }
        ]
    }


def _parameter_values(
    task: Task, finished: Finished, parameters: Mapping[str, Any], *, oss: bool
) -> Json:
    definitions = task.declared("input", "parameters")
    given = {} if oss else values.defaults(definitions)
    for key, source in task.inputs.get("parameters", {}).items():
        value = values.as_json(_parameter_value(task, key, source, finished, parameters))
        kind = definitions.get(key, {}).get("parameterType")
        if oss and kind:
            try:
                value = values.as_declared(value, kind)
            except ValueError as error:
                raise DryRunError(
                    f"Task {task.name}: parameter {key} {error}, and the driver refuses it."
                ) from error
        given[key] = value
    return given


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
    metadata = {
        "display_name": producer["outputArtifactKey"],
        "store_session_info": session_info(artifact["uri"]),
        **{name: _wrapped(value) for name, value in artifact["metadata"].items()},
    }
    return {
        "name": artifact["name"],
        # Written untyped: protobuf's JSON has the set member of a oneof even where it is empty.
        "type": {"instanceSchema": ""},
        "uri": artifact["uri"],
        "metadata": values.as_json(metadata),
    }


def _wrapped(value: Any) -> Any:
    if isinstance(value, bool):
        # ML Metadata has no booleans.
        return int(value)
    if isinstance(value, Mapping):
        return {"struct": value}
    return {"list": value} if isinstance(value, list) else value
