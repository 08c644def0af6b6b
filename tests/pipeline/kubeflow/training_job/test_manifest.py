"""The TFJob, held against the operator's rules and the models of Kubernetes' own client."""

from __future__ import annotations

import json
from typing import Any

import pytest
from kubernetes import client

from pipeline.kubeflow.training_job.manifest import (
    as_argument,
    completed,
    job_name,
    job_of,
    owned_by,
    tf_job,
    token_secret,
    waiting,
)
from pipeline.kubeflow.validation.jobs.tf_job import refusals
from pipeline.kubeflow.validation.messages.tf_job import TF_JOB_MESSAGES
from pipeline.sections.kubeflow import KubeflowOptions, NodeOptions, ReplicaOptions

Json = dict[str, Any]

CONTAINER: Json = {"image": "image:1", "env": [{"name": "PYTHONPATH", "value": "/opt/project"}]}
POD: Json = {
    "metadata": {"name": "step-pod", "uid": "0a1b2c3d-0000-4000-8000-000000000000"},
    "spec": {"serviceAccountName": "pipeline-runner"},
}
EVERYTHING: Json = {
    "all": {"node_selector": {"pool": "small"}, "image_pull_secrets": ["registry"]},
    "nodes": {
        "Trainer": {
            "gpus": 2,
            "resources": {"cpu_limit": 4.0, "memory_limit": 8.5},
            "secrets": [{"name": "keys", "mount_path": "/keys", "env": {"user": "STORE_USER"}}],
            "volumes": [{"claim": "models", "mount_path": "/mnt/models"}],
            "node_selector": {"pool": "large"},
            "tolerations": [{"key": "spot", "operator": "Equal", "value": "yes"}],
            "run_as_user": 2000,
            "run_as_group": 3000,
        }
    },
}


def job(count: int = 3, options: Json | None = None) -> Json:
    node = KubeflowOptions(**(options or {})).node("Trainer")
    return tf_job(CONTAINER, node, ReplicaOptions(count=count), "nvidia.com/gpu")


def complete(made: Json, name: str = "trainer-1-2") -> Json:
    owner = owned_by(POD)
    return completed(made, name=name, owner=owner, run="run", address="http://10.0.0.1:1", pod=POD)


def pod(made: Json, kind: str = "Chief") -> Json:
    found: Json = made["spec"]["tfReplicaSpecs"][kind]["template"]["spec"]
    return found


@pytest.mark.parametrize("options", [{}, EVERYTHING])
def test_what_is_made_is_what_the_operator_takes(options: Json) -> None:
    made = complete(job(3, options))
    assert refusals(made) == []
    replicas = made["spec"]["tfReplicaSpecs"]
    assert {kind: spec["replicas"] for kind, spec in replicas.items()} == {"Chief": 1, "Worker": 2}
    assert made["metadata"]["ownerReferences"][0]["uid"] == POD["metadata"]["uid"]
    assert pod(made)["serviceAccountName"] == "pipeline-runner"


def test_replicas_get_what_the_settings_give_their_node() -> None:
    made = complete(job(2, EVERYTHING))
    for kind in ("Chief", "Worker"):
        spec = pod(made, kind)
        [container] = spec["containers"]
        assert container["resources"] == {
            "requests": {"cpu": "2", "memory": "4G"},
            "limits": {"cpu": "4", "memory": "8.5G", "nvidia.com/gpu": "2"},
        }
        assert spec["nodeSelector"] == {"pool": "large"}
        assert spec["imagePullSecrets"] == [{"name": "registry"}]
        assert [each["key"] for each in spec["tolerations"]] == ["spot", "nvidia.com/gpu"]
        mounted = {each["mountPath"] for each in container["volumeMounts"]}
        assert mounted == {"/scratch", "/keys", "/mnt/models"}
        assert container["securityContext"]["runAsUser"] == 2000
        # Nothing secret stands in the job itself.
        variables = {each["name"]: each for each in container["env"]}
        for name, secret in (("STORE_USER", "keys"), ("HAND_OVER_TOKEN", "trainer-1-2")):
            assert variables[name]["valueFrom"]["secretKeyRef"]["name"] == secret


def test_the_step_itself_waits_on_any_machine() -> None:
    options = KubeflowOptions(**EVERYTHING)
    node = waiting(options.node("Trainer"), options.node(""))
    assert (node.gpus, node.node_selector, node.tolerations) == (0, {"pool": "small"}, [])
    assert node.resources.memory_request == 1.0
    assert node.volumes


def test_it_ends_no_later_than_the_steps_retries() -> None:
    short = {"nodes": {"Trainer": {"retry": {"window_seconds": 7200}}}}
    assert job(2, short)["spec"]["runPolicy"]["activeDeadlineSeconds"] == 7200
    none = tf_job(CONTAINER, NodeOptions(), ReplicaOptions(), "nvidia.com/gpu")
    assert none["spec"]["runPolicy"]["activeDeadlineSeconds"] == 604_800


@pytest.mark.parametrize(
    ("task", "run", "expected"),
    [
        ("Trainer", "1a2b3c4d-5e6f", "trainer-1a2b3c4d-0a1b2c3d"),
        ("Trainer", None, "trainer-0a1b2c3d"),
        ("2nd Trainer_x", "1", "step-2nd-trainer-x-1-0a1b2c3d"),
        ("t" * 200, "1a2b3c4d", "t" * 34 + "-1a2b3c4d-0a1b2c3d"),
    ],
)
def test_its_name_makes_names_of_services(task: str, run: str | None, expected: str) -> None:
    name = job_name(task, run, POD["metadata"]["uid"])
    assert name == expected
    assert refusals(complete(job(1000), name)) == []


@pytest.mark.parametrize("name", ["", "1trainer", "Trainer", "trainer-", "t" * 60])
def test_a_name_that_makes_none_is_refused(name: str) -> None:
    assert "metadata.name" in refusals(complete(job(), name))[0]


def test_an_argument_of_the_step_holds_it() -> None:
    assert json.loads(job_of(["--a", "b", *as_argument(job())]) or "") == job()
    assert job_of(["--a", "--training_job"]) is None


def test_the_token_is_collected_with_the_steps_pod() -> None:
    secret = token_secret("a", owned_by(POD), "word")
    assert secret["metadata"]["ownerReferences"] == [
        {"apiVersion": "v1", "kind": "Pod", "name": "step-pod", "uid": POD["metadata"]["uid"]}
    ]


def test_the_fields_of_pods_are_those_of_kubernetes() -> None:
    messages: dict[str, Any] = {
        "Metadata": client.V1ObjectMeta,
        "OwnerReference": client.V1OwnerReference,
        "PodTemplate": client.V1PodTemplateSpec,
        "PodSpec": client.V1PodSpec,
        "Container": client.V1Container,
        "Variable": client.V1EnvVar,
        "Source": client.V1EnvVarSource,
        "SecretKey": client.V1SecretKeySelector,
        "Resources": client.V1ResourceRequirements,
        "Mount": client.V1VolumeMount,
        "SecurityContext": client.V1SecurityContext,
        "Capabilities": client.V1Capabilities,
        "SeccompProfile": client.V1SeccompProfile,
        "Volume": client.V1Volume,
        "SecretVolume": client.V1SecretVolumeSource,
        "Claim": client.V1PersistentVolumeClaimVolumeSource,
        "Named": client.V1LocalObjectReference,
        "Toleration": client.V1Toleration,
    }
    of_the_operator = {"TFJob", "TFJob.Spec", "TFJob.RunPolicy", "TFJob.ReplicaSpec"}
    assert {f"TFJob.{name}" for name in messages} | of_the_operator == set(TF_JOB_MESSAGES)
    for name, message in messages.items():
        assert set(TF_JOB_MESSAGES[f"TFJob.{name}"]) <= set(message.attribute_map.values())
