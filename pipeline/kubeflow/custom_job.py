"""The Trainer as a custom job of Vertex AI: a pool with the chief, and one with the workers. Pure.

A step of a pipeline is one container. This one is Google's launcher, which has Vertex start the job
and waits for it, as create_custom_training_job_from_component of google-cloud-pipeline-components
2.22 compiles it: what differs from job to job are inputs of the component, and Vertex fills in the
placeholders in them. Each machine of the job runs the container that the step would have run, and
finds chief and workers in TF_CONFIG
(https://cloud.google.com/vertex-ai/docs/training/distributed-training).
"""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping, Sequence
from typing import Any

from pipeline.sections.kubeflow import ReplicaOptions

Json = dict[str, Any]

TASK = "Trainer"
IMAGE = "gcr.io/ml-pipeline/google-cloud-pipeline-components:2.22.0"
LAUNCHER = "google_cloud_pipeline_components.container.v1.custom_job.launcher"
COMMAND = ("python3", "-u", "-m", LAUNCHER)
EVERY_INPUT, ESCAPED_INPUT = "{{$}}", "{{$.json_escape[1]}}"
"""The ExecutorInput as it is, and as a part of a text in JSON."""
SPECS, RESOURCES = "worker_pool_specs", "gcp_resources"
_OF_THE_RUN: Mapping[str, str] = {
    "location": "{{$.pipeline_google_cloud_location}}",
    "project": "{{$.pipeline_google_cloud_project_id}}",
    "service_account": "{{$.pipeline_service_account}}",
}
PARAMETERS = frozenset({*_OF_THE_RUN, SPECS})
"""Inputs that the launcher has beside those of the step."""
MACHINE_TYPE = "n1-standard-8"
_SECONDS = 604_800
"""After a week Vertex ends a job; it is its own default."""


def as_custom_job(
    component: Mapping[str, Any], container: Mapping[str, Any], options: ReplicaOptions
) -> tuple[Json, Json]:
    """The component and the container of the step that starts the job and waits for it.

    Args:
      component: ComponentSpec of the step.
      container: of the step, complete. Its accelerator is that of each machine.
    """
    made = copy.deepcopy(dict(component))
    inputs = made.setdefault("inputDefinitions", {}).setdefault("parameters", {})
    for name, value in _OF_THE_RUN.items():
        inputs[name] = {"parameterType": "STRING", "defaultValue": value, "isOptional": True}
    inputs[SPECS] = {
        "parameterType": "LIST",
        "defaultValue": [_pool(container, options, count) for count in (1, options.count - 1)],
        "isOptional": True,
    }
    outputs = made.setdefault("outputDefinitions", {}).setdefault("parameters", {})
    outputs[RESOURCES] = {"parameterType": "STRING"}
    return made, launcher()


def launcher() -> Json:
    """The container that starts a job; see the file that Google's function compiles."""
    job = {
        "worker_pool_specs": SPECS,
        "scheduling": {"timeout": f"{_SECONDS}s", "restart_job_on_worker_restart": False},
        "service_account": "service_account",
    }
    payload = json.dumps({"display_name": TASK, "job_spec": job})
    # The pools are JSON themselves, and the account is a text of it.
    payload = payload.replace(f'"{SPECS}": "{SPECS}"', f'"{SPECS}": {_input(SPECS)}')
    payload = payload.replace('": "service_account"', f'": "{_input("service_account")}"')
    return {
        "image": IMAGE,
        "command": list(COMMAND),
        "args": [
            *("--type", "CustomJob"),
            *("--payload", payload),
            *("--project", _input("project")),
            *("--location", _input("location")),
            *("--gcp_resources", f"{{{{$.outputs.parameters['{RESOURCES}'].output_file}}}}"),
        ],
    }


def is_launcher(container: Mapping[str, Any]) -> bool:
    """Whether the container starts a custom job."""
    return LAUNCHER in (container.get("command") or ())


def pools_of(component: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """The worker pools of a step that starts a job, as far as they are such.

    Args:
      component: ComponentSpec of the step.
    """
    found: Any = component
    for key in ("inputDefinitions", "parameters", SPECS, "defaultValue"):
        found = found.get(key) if isinstance(found, Mapping) else None
    pools = found if isinstance(found, list) else []
    return [pool for pool in pools if isinstance(pool, Mapping)]


def container_of(pool: Mapping[str, Any]) -> Json:
    """The container of a pool as a step has it; empty where there is none."""
    spec = pool.get("container_spec")
    if not isinstance(spec, Mapping):
        return {}
    spec = dict(spec)
    image = {"image": spec.pop("image_uri")} if "image_uri" in spec else {}
    arguments = spec.get("args")
    if isinstance(arguments, list):
        spec["args"] = [EVERY_INPUT if each == ESCAPED_INPUT else each for each in arguments]
    return {**image, **spec}


def _pool(container: Mapping[str, Any], options: ReplicaOptions, count: int) -> Json:
    machine: Json = {"machine_type": options.machine_type or MACHINE_TYPE}
    accelerator = container.get("resources", {}).get("accelerator")
    if accelerator:
        machine["accelerator_type"] = accelerator["type"]
        machine["accelerator_count"] = accelerator["count"]
    escaped = [ESCAPED_INPUT if each == EVERY_INPUT else each for each in container["args"]]
    return {
        "machine_spec": machine,
        "replica_count": count,
        "container_spec": {
            "image_uri": container["image"],
            "command": list(container["command"]),
            "args": escaped,
            "env": copy.deepcopy(container.get("env", [])),
        },
    }


def _input(name: str) -> str:
    return f"{{{{$.inputs.parameters['{name}']}}}}"
