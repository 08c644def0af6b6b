"""Defects of a step that trains on several replicas of open-source Kubeflow."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipeline.kubeflow.training_job.manifest import FLAG
from pipeline.kubeflow.validation.finding import Finding
from tests.pipeline.kubeflow.validation.conftest import CLUSTER, compiled
from tests.pipeline.kubeflow.validation.defects.compiled import File

pytestmark = pytest.mark.slow
Json = dict[str, Any]
Find = Callable[..., list[Finding]]


@pytest.fixture(scope="module")
def text(tmp_path_factory: pytest.TempPathFactory) -> str:
    from pipeline.kubeflow.validation.yaml_file import read_yaml_file

    overrides = ("training.strategy=multi_worker", "kubeflow.replicas={count: 4}", *CLUSTER)
    file: Path = compiled(tmp_path_factory.mktemp("job"), "oss", *overrides)
    return json.dumps(read_yaml_file(file))


@pytest.fixture
def file(text: str) -> File:
    return File(json.loads(text))


def rewrite(change: Callable[[Json], object]) -> Callable[[File], None]:
    """Changes the TFJob in the argument of the step."""

    def plant(file: File) -> None:
        arguments = file.container()["args"]
        at = arguments.index(FLAG) + 1
        job = json.loads(arguments[at])
        change(job)
        arguments[at] = json.dumps(job)

    return plant


def kinds(job: Json) -> Json:
    found: Json = job["spec"]["tfReplicaSpecs"]
    return found


def each(change: Callable[[Json, Json], object]) -> Callable[[File], None]:
    """Changes the pod and the container of all replicas."""

    def plant(job: Json) -> None:
        for spec in kinds(job).values():
            pod = spec["template"]["spec"]
            change(pod, pod["containers"][0])

    return rewrite(plant)


def training(file: File, **values: Any) -> None:
    told = json.loads(file.given("custom_config")["runtimeValue"]["constant"])
    told["training"].update(values)
    file.constant(json.dumps(told), "custom_config")


def test_what_is_compiled_is_clean(file: File, findings_of: Find) -> None:
    assert findings_of(file.documents, "oss") == []
    # The step itself only waits; GPUs and memory are for the replicas.
    assert file.container()["resources"] == {"cpuRequest": 0.5, "memoryRequest": 1.0}
    assert FLAG not in json.dumps(file.container("Evaluator"))


def test_vertex_has_no_training_job(file: File, findings_of: Find) -> None:
    found = [e for e in findings_of(file.documents[:1], "vertex") if e.check == "training-jobs"]
    assert [finding.where for finding in found] == [("Trainer",)]
    assert "Vertex AI has none" in found[0].problem


DEFECTS: dict[str, tuple[Callable[[File], object], str]] = {
    "no JSON": (lambda f: f.container()["args"].__setitem__(-1, "{"), "is not JSON"),
    "an unknown field": (rewrite(lambda j: j["spec"].update(replicas=3)), "is no field"),
    "text for a number": (rewrite(lambda j: kinds(j)["Chief"].update(replicas="a")), "whole"),
    "another kind": (rewrite(lambda j: j.update(kind="PyTorchJob")), "kubeflow.org/v1 and TFJob"),
    "two chiefs": (rewrite(lambda j: kinds(j)["Chief"].update(replicas=2)), "must be 1"),
    "no workers": (rewrite(lambda j: kinds(j)["Worker"].update(replicas=0)), "1 or more"),
    "a parameter server": (
        rewrite(lambda j: kinds(j).update(PS=kinds(j)["Worker"])),
        "Chief and Worker, and no other",
    ),
    "two templates": (
        rewrite(lambda j: kinds(j)["Worker"]["template"]["spec"].pop("volumes")),
        "two templates",
    ),
    "a pod that starts again": (
        rewrite(lambda j: kinds(j)["Worker"].update(restartPolicy="OnFailure")),
        "must be Never",
    ),
    "a container of another name": (each(lambda p, c: c.update(name="main")), "called tensorflow"),
    "a container beside it": (each(lambda p, c: p["containers"].append(dict(c))), "must be one"),
    "another command": (each(lambda p, c: c.update(command=["sh"])), "must be `python -m"),
    "another image": (each(lambda p, c: c.update(image="other:1")), "replicas of the image"),
    "no image": (each(lambda p, c: c.pop("image")), "is missing"),
    "a variable twice": (each(lambda p, c: c["env"].append(c["env"][0])), "is set twice"),
    "a variable with a space": (
        each(lambda p, c: c["env"].append({"name": "a b", "value": ""})),
        "must be letters",
    ),
    "a variable without a value": (
        each(lambda p, c: c["env"].append({"name": "A"})),
        "needs a value, or a key of a secret",
    ),
    "a cluster of its own": (
        each(lambda p, c: c["env"].append({"name": "TF_CONFIG", "value": "{}"})),
        "as the operator does",
    ),
    "no place for files": (
        each(lambda p, c: c.update(env=[e for e in c["env"] if "LAUNCHER" not in e["name"]])),
        "has no KUBEFLOW_LAUNCHER_ROOT",
    ),
    "bytes with a wrong unit": (
        each(lambda p, c: c["resources"]["limits"].update(memory="8GB")),
        "is no quantity",
    ),
    "a limit below the request": (
        each(lambda p, c: c["resources"]["limits"].update(cpu="1")),
        "is over its limit 1",
    ),
    "a volume that is not there": (each(lambda p, c: p["volumes"].pop()), "which is no volume"),
    "a volume of two things": (
        each(lambda p, c: p["volumes"][1].update(emptyDir={})),
        "must be one thing",
    ),
    "a folder twice": (
        each(lambda p, c: c["volumeMounts"].append(c["volumeMounts"][0])),
        "is there twice",
    ),
    "nothing at the place for files": (
        each(lambda p, c: c["volumeMounts"].pop(0)),
        "has no folder at '/scratch'",
    ),
    "a label of words": (each(lambda p, c: p.update(nodeSelector={"pool": "a b"})), "letters"),
    "a secret of words": (
        each(lambda p, c: p.update(imagePullSecrets=[{"name": "a b"}])),
        "imagePullSecrets",
    ),
    "a batch that cannot be shared": (
        lambda f: training(f, batch_size=62),
        "batches of 62, which 4 replicas",
    ),
    "replicas that are not told": (
        lambda f: training(f, strategy="none"),
        "without strategy multi_worker",
    ),
    "a strategy without replicas": (
        lambda f: f.container().update(args=f.container()["args"][:-2]),
        "strategy multi_worker in one container",
    ),
}


@pytest.mark.parametrize("defect", DEFECTS)
def test_a_defect_is_found_and_named(file: File, findings_of: Find, defect: str) -> None:
    plant, problem = DEFECTS[defect]
    plant(file)
    found = findings_of(file.documents, "oss")
    assert [finding for finding in found if problem in finding.problem], found
    for finding in found:
        assert finding.where
        assert finding.fix
