from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from pipeline.kubeflow.remote.kfp import read_schedule
from pipeline.kubeflow.remote.kfp_run import node_id, read_run
from pipeline.kubeflow.remote.vertex_job import read_job
from pipeline.kubeflow.remote.vertex_job import read_schedule as read_vertex_schedule
from tests.pipeline.kubeflow.standin import KubeflowServer, text_of

VALUES: tuple[Any, ...] = (
    None,
    True,
    7,
    1e300,
    "x",
    "2026-13-45",
    "\ud800",
    [],
    [1],
    {},
    {"a": 1},
    [{"a": [1]}],
)


def a_run() -> Any:
    with KubeflowServer() as server:
        server.frames = [{"ExampleGen": "cached", "Trainer": "failed", "Pusher": "omitted"}]
        tasks = {"Pusher": {"dependentTasks": ["Trainer"]}, "Trainer": {}, "ExampleGen": {}}
        server.spec = {"pipeline_spec": {"root": {"dag": {"tasks": tasks}}}}
        return json.loads(text_of(server.run("r1")))


RUN = a_run()
JOB = {
    "name": "projects/p/locations/r/pipelineJobs/j",
    "pipeline_spec": RUN["pipeline_spec"]["pipeline_spec"],
    "runtime_config": {"gcs_output_directory": "gs://b"},
    "error": {"message": "x"},
    "job_detail": {
        "task_details": [
            {
                "task_name": "Pusher",
                "state": "SUCCEEDED",
                "executor_detail": {"container_detail": {"main_job": "a/b"}},
                "outputs": {"pushed_model": {"artifacts": [{"metadata": {"outcome": "pushed"}}]}},
            }
        ]
    },
}


SCHEDULE = {
    "recurring_run_id": "s1",
    "display_name": "n",
    "max_concurrency": "1",
    "trigger": {"cron_schedule": {"cron": "0 0 3 * * *"}},
    "runtime_config": {"pipeline_root": "gs://b"},
    "error": {"message": "x"},
}
VERTEX_SCHEDULE = {
    "name": "projects/p/locations/r/schedules/1",
    "cron": "0 3 * * *",
    "max_concurrent_run_count": "1",
    "create_time": "2026-10-05T08:00:00Z",
    "create_pipeline_job_request": {
        "pipeline_job": {"runtime_config": {"gcs_output_directory": "gs://b"}}
    },
}


def test_ids_are_those_that_argo_gives() -> None:
    # Seen on a cluster: the pod general-cpu-rnggt-retry-system-container-impl-1467617326.
    path = "root.workspace-name.executor(0)"
    assert node_id("general-cpu-rnggt", path) == "general-cpu-rnggt-1467617326"


def test_a_run_with_its_specification() -> None:
    run = read_run(RUN)
    # Producers come first, and the rest as the file has it.
    assert [node.name for node in run.nodes] == ["Trainer", "ExampleGen", "Pusher"]
    assert [node.state for node in run.nodes] == ["failed", "cached", "skipped"]


def test_a_run_of_an_uploaded_pipeline_has_no_specification() -> None:
    document = {**RUN, "pipeline_spec": None, "pipeline_version_reference": {"pipeline_id": "p"}}
    run = read_run(document)
    assert {node.name: node.state for node in run.nodes} == {
        "ExampleGen": "cached",
        "Trainer": "failed",
        "Pusher": "skipped",
    }


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path] if path else []
    if isinstance(value, dict):
        found += [p for key, one in value.items() for p in places(one, (*path, key))]
    elif isinstance(value, list):
        found += [p for n, one in enumerate(value) for p in places(one, (*path, n))]
    return found


def replaced(document: Any, path: tuple[Any, ...], value: Any) -> Any:
    document = copy.deepcopy(document)
    inner = document
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return document


@pytest.mark.medium
@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_any_answer_is_read(value: Any) -> None:
    """One value is another, wherever it stands."""
    for path in places(RUN):
        json.dumps(read_run(replaced(RUN, path, value)).as_json())
    for path in places(JOB):
        json.dumps(read_job(replaced(JOB, path, value)).as_json())
    for path in places(SCHEDULE):
        json.dumps(read_schedule(replaced(SCHEDULE, path, value)).as_json())
    for path in places(VERTEX_SCHEDULE):
        json.dumps(read_vertex_schedule(replaced(VERTEX_SCHEDULE, path, value)).as_json())
