"""Defects of a step that trains on several machines of Vertex AI."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipeline.kubeflow.validation.finding import Finding
from tests.pipeline.kubeflow.validation.conftest import compiled
from tests.pipeline.kubeflow.validation.defects.compiled import File

pytestmark = pytest.mark.slow
Json = dict[str, Any]
Find = Callable[..., list[Finding]]


@pytest.fixture(scope="module")
def text(tmp_path_factory: pytest.TempPathFactory) -> str:
    from pipeline.kubeflow.validation.yaml_file import read_yaml_file

    overrides = ("training.strategy=multi_worker", "kubeflow.replicas={count: 4}")
    gpus = "kubeflow.nodes.Trainer={gpus: 2}"
    file: Path = compiled(tmp_path_factory.mktemp("job"), "vertex", *overrides, gpus)
    return json.dumps(read_yaml_file(file))


@pytest.fixture
def file(text: str) -> File:
    return File([*json.loads(text), {}])


def pools(file: File) -> list[Json]:
    found: list[Json] = file.takes()["parameters"]["worker_pool_specs"]["defaultValue"]
    return found


def training(file: File, **values: Any) -> None:
    told = json.loads(file.given("custom_config")["runtimeValue"]["constant"])
    told["training"].update(values)
    file.constant(json.dumps(told), "custom_config")


def argument(file: File, old: str, new: str) -> None:
    for pool in pools(file):
        spec = pool["container_spec"]
        spec["args"] = [new if each == old else each for each in spec["args"]]


def test_what_is_compiled_is_clean(file: File, findings_of: Find) -> None:
    assert [pool["replica_count"] for pool in pools(file)] == [1, 3]
    assert findings_of(file.documents[:1], "vertex") == []


def test_open_source_kubeflow_has_no_custom_job(file: File, findings_of: Find) -> None:
    found = [each for each in findings_of(file.documents[:1], "oss") if each.check == "custom-jobs"]
    assert [each.where for each in found] == [("Trainer",)]
    assert "open-source Kubeflow has none" in found[0].problem


DEFECTS: dict[str, tuple[Callable[[File], object], str]] = {
    "another launcher": (lambda f: f.container().update(image="launcher:latest"), "custom-jobs"),
    "another payload": (lambda f: f.container()["args"].append("--more"), "custom-jobs"),
    "an environment": (
        lambda f: f.container().update(env=[{"name": "A", "value": "b"}]),
        "custom-jobs",
    ),
    "one pool": (lambda f: pools(f).pop(), "worker-pools"),
    "no pools": (
        lambda f: f.takes()["parameters"]["worker_pool_specs"].update(defaultValue="text"),
        "worker-pools",
    ),
    "two chiefs": (lambda f: pools(f)[0].update(replica_count=2), "worker-pools"),
    "no workers": (lambda f: pools(f)[1].update(replica_count=0), "worker-pools"),
    "replicas by name": (lambda f: pools(f)[1].update(replica_count="many"), "worker-pools"),
    "an unknown field": (lambda f: pools(f)[1].update(replicas=3), "worker-pools"),
    "no machine": (lambda f: pools(f)[1].pop("machine_spec"), "worker-pools"),
    "machine of words": (
        lambda f: pools(f)[1]["machine_spec"].update(machine_type="large"),
        "worker-pools",
    ),
    "GPU of Kubernetes": (
        lambda f: pools(f)[0]["machine_spec"].update(accelerator_type="nvidia.com/gpu"),
        "worker-pools",
    ),
    "GPUs without a count": (
        lambda f: pools(f)[0]["machine_spec"].pop("accelerator_count"),
        "worker-pools",
    ),
    "two containers": (
        lambda f: pools(f)[1]["container_spec"]["env"].append({"name": "A", "value": "b"}),
        "worker-pools",
    ),
    "inputs that break the text": (
        lambda f: argument(f, "{{$.json_escape[1]}}", "{{$}}"),
        "worker-pools",
    ),
    "no inputs": (lambda f: argument(f, "{{$.json_escape[1]}}", "{}"), "arguments"),
    "another command": (
        lambda f: [p["container_spec"].update(command=["sh"]) for p in pools(f)],
        "commands",
    ),
    "image without a tag": (
        lambda f: [p["container_spec"].update(image_uri="example.com/tfx") for p in pools(f)],
        "images",
    ),
    "a class that is not there": (
        lambda f: argument(f, "components.trainer.executor.Executor", "components.no.Executor"),
        "classes",
    ),
    "a batch that cannot be shared": (lambda f: training(f, batch_size=60), "worker-pools"),
    "machines that are not told": (lambda f: training(f, strategy="none"), "strategies"),
    "a strategy without machines": (
        lambda f: f.executors()["Trainer_executor"].update(
            container=f.container("Evaluator"),
        ),
        "strategies",
    ),
}


@pytest.mark.parametrize("defect", DEFECTS)
def test_a_defect_is_found_and_named(file: File, findings_of: Find, defect: str) -> None:
    plant, check = DEFECTS[defect]
    plant(file)
    found = findings_of(file.documents[:1], "vertex")
    assert check in [finding.check for finding in found]
    for finding in found:
        assert finding.where
        assert finding.fix
