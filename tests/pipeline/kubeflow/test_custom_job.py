"""The step that starts a custom job, held against the messages of Vertex AI's own client."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from pipeline.kubeflow.custom_job import (
    ESCAPED_INPUT,
    PARAMETERS,
    as_custom_job,
    container_of,
    is_launcher,
    launcher,
    pools_of,
)
from pipeline.kubeflow.validation.messages.custom_job import JOB_MESSAGES
from pipeline.sections.kubeflow import ReplicaOptions

Json = dict[str, Any]

CONTAINER: Json = {
    "image": "registry.example.com/pipeline:1",
    "command": ["python", "-m", "pipeline.kubeflow.entrypoint"],
    "args": ["--json_serialized_invocation_args", "{{$}}", "--setup_file=/opt/project/setup.py"],
    "env": [{"name": "PYTHONPATH", "value": "/opt/project"}],
}
COMPONENT: Json = {
    "executorLabel": "Trainer_executor",
    "inputDefinitions": {"parameters": {"run_fn": {"parameterType": "STRING"}}},
}
GPU: Json = {"accelerator": {"type": "NVIDIA_TESLA_T4", "count": 2}}


def filled(container: Json, component: Json) -> Json:
    """The payload that the launcher gets, as Vertex AI fills in the inputs."""
    arguments = dict(zip(container["args"][::2], container["args"][1::2], strict=True))
    text = arguments["--payload"]
    for name, definition in component["inputDefinitions"]["parameters"].items():
        value = definition.get("defaultValue", "")
        shown = value if isinstance(value, str) else json.dumps(value)
        text = text.replace(f"{{{{$.inputs.parameters['{name}']}}}}", shown)
    # A text inside of JSON, which is what the placeholder is for.
    text = text.replace(ESCAPED_INPUT, json.dumps(json.dumps({"inputs": {"a": '"'}}))[1:-1])
    made: Json = json.loads(text)
    return made


@pytest.mark.parametrize("count", [2, 5])
def test_a_chief_and_the_rest_run_the_container_of_the_step(count: int) -> None:
    before = copy.deepcopy((COMPONENT, CONTAINER))
    component, container = as_custom_job(COMPONENT, CONTAINER, ReplicaOptions(count=count))
    assert before == (COMPONENT, CONTAINER)
    assert is_launcher(container)
    assert container == launcher()
    pools = pools_of(component)
    assert [pool["replica_count"] for pool in pools] == [1, count - 1]
    assert [container_of(pool) for pool in pools] == [CONTAINER, CONTAINER]
    assert set(component["inputDefinitions"]["parameters"]) > PARAMETERS
    assert component["outputDefinitions"]["parameters"] == {
        "gcp_resources": {"parameterType": "STRING"}
    }


@pytest.mark.medium
def test_vertex_reads_the_payload_as_a_custom_job() -> None:
    from google.cloud.aiplatform_v1.types import CustomJob
    from google.protobuf import json_format

    options = ReplicaOptions(count=3, machine_type="g2-standard-8")
    component, container = as_custom_job(COMPONENT, {**CONTAINER, "resources": GPU}, options)
    job = CustomJob.pb(CustomJob())
    json_format.ParseDict(filled(container, component), job)
    chief, workers = job.job_spec.worker_pool_specs
    assert (chief.replica_count, workers.replica_count) == (1, 2)
    for pool in (chief, workers):
        assert pool.machine_spec.machine_type == "g2-standard-8"
        assert pool.machine_spec.accelerator_count == 2
        assert pool.container_spec.image_uri == CONTAINER["image"]
        assert list(pool.container_spec.command) == CONTAINER["command"]
        assert json.loads(pool.container_spec.args[1]) == {"inputs": {"a": '"'}}
        assert pool.container_spec.env[0].value == "/opt/project"
    assert job.job_spec.service_account == "{{$.pipeline_service_account}}"
    assert job.job_spec.scheduling.timeout.seconds == 604_800


def test_the_fields_of_pools_are_those_of_vertex() -> None:
    from google.cloud.aiplatform_v1.types import ContainerSpec, MachineSpec, WorkerPoolSpec

    messages: dict[str, Any] = {
        "WorkerPoolSpec": WorkerPoolSpec,
        "JobContainerSpec": ContainerSpec,
        "MachineSpec": MachineSpec,
    }
    assert set(messages) == set(JOB_MESSAGES)
    for name, message in messages.items():
        known = {field.name for field in message.pb(message()).DESCRIPTOR.fields}
        assert set(JOB_MESSAGES[name]) <= known


@pytest.mark.parametrize(
    "component",
    [
        {},
        {"inputDefinitions": []},
        {"inputDefinitions": {"parameters": {"worker_pool_specs": {"defaultValue": "text"}}}},
        {"inputDefinitions": {"parameters": {"worker_pool_specs": {"defaultValue": [1, None]}}}},
    ],
)
def test_what_is_no_pool_has_no_container(component: Json) -> None:
    assert pools_of(component) == []
    assert container_of({"container_spec": "text"}) == {}
