"""The TFJob that trains on several replicas, as the training operator v1 reads it. Pure.

As in pkg/apis/kubeflow.org/v1 of kubeflow/training-operator 1.9. What the settings know is compiled
into an argument of the step; what only the step knows, its pod among it, is filled in there.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from pipeline.sections.kubeflow import NodeOptions, ReplicaOptions, ResourceOptions

Json = dict[str, Any]

GROUP, VERSION, KIND, PLURAL = "kubeflow.org", "v1", "TFJob", "tfjobs"
CONTAINER = "tensorflow"
"""As the operator calls the one that gets TF_CONFIG."""
CHIEF, WORKER = "Chief", "Worker"
JOB_LABEL = "training.kubeflow.org/job-name"
TYPE_LABEL, INDEX_LABEL = (
    "training.kubeflow.org/replica-type",
    "training.kubeflow.org/replica-index",
)
"""On the operator's pods."""
FLAG = "--training_job"
"""Of the entry point, before a TFJob in JSON."""
COMMAND = ("python", "-m", "pipeline.kubeflow.training_job.replica")
SCRATCH = "/scratch"
ROOT, ADDRESS, TOKEN = "KUBEFLOW_LAUNCHER_ROOT", "HAND_OVER_ADDRESS", "HAND_OVER_TOKEN"
LAST_WORDS = "TERMINATION_LOG"
"""Variables of each replica: where its files go, who has them, and where it says why it failed."""
OWN = frozenset({ROOT, ADDRESS, TOKEN, LAST_WORDS, "TF_CONFIG"})
LAST_WORDS_FILE = "/dev/termination-log"
"""Kubernetes reads it into the status of the pod."""
SECRET_KEY = "token"
_KEPT_SECONDS = 86_400
"""For which the pods of a job that is over can be asked for their logs."""
_LONGEST_SECONDS = 604_800
_LONGEST_NAME = 63 - len("-worker-999")
"""The operator makes services of these names, which are labels of DNS."""


def tf_job(
    container: Mapping[str, Any], node: NodeOptions, options: ReplicaOptions, gpu: str
) -> Json:
    """The job as far as the settings know it.

    Args:
      container: of the step, for image and variables.
      node: what a replica gets.
      gpu: the resource that a GPU is.
    """
    replica = {"restartPolicy": "Never", "template": _template(container, node, gpu)}
    deadline = node.retry.window_seconds if node.retry else _LONGEST_SECONDS
    return {
        "apiVersion": f"{GROUP}/{VERSION}",
        "kind": KIND,
        "spec": {
            # Without a backoffLimit: at one that is reached the operator deletes pods that failed,
            # with what they said. With restartPolicy Never nothing is tried again in any case.
            "runPolicy": {
                "cleanPodPolicy": "Running",
                "activeDeadlineSeconds": min(deadline, _LONGEST_SECONDS),
                "ttlSecondsAfterFinished": _KEPT_SECONDS,
            },
            "tfReplicaSpecs": {
                CHIEF: {"replicas": 1, **replica},
                WORKER: {"replicas": options.count - 1, **copy.deepcopy(replica)},
            },
        },
    }


def waiting(node: NodeOptions, common: NodeOptions) -> NodeOptions:
    """What the step gets, which only hands over and waits: its node, on any machine.

    Args:
      common: what every node gets.
    """
    fields = ("resources", "gpus", "gpu_type", "node_selector", "tolerations")
    return node.model_copy(update={name: getattr(common, name) for name in fields})


def job_of(arguments: Sequence[str]) -> str | None:
    """The TFJob among arguments of the entry point; None for a step that makes none."""
    if FLAG not in arguments[:-1]:
        return None
    return str(arguments[arguments.index(FLAG) + 1])


def job_name(task: str, run: str | None, pod: str) -> str:
    """A name that is this attempt's alone: a retry is another pod.

    Args:
      run: id of the pipeline's run.
      pod: uid of the step's pod.
    """
    task = re.sub(r"[^a-z0-9]+", "-", task.lower()).strip("-") or "step"
    if not task[0].isalpha():
        task = f"step-{task}"
    ids = [re.sub(r"[^a-z0-9]", "", part.lower())[:8] for part in (run or "", pod)]
    end = "".join(f"-{part}" for part in ids if part)
    return task[: _LONGEST_NAME - len(end)].rstrip("-") + end


def completed(
    job: Mapping[str, Any],
    *,
    name: str,
    owner: Mapping[str, Any],
    run: str | None,
    address: str,
    pod: Mapping[str, Any],
) -> Json:
    """The job with what the step knows.

    Args:
      name: of the job, and of the secret with the token.
      owner: reference to the step's pod, with which the job is collected.
      run: id of the pipeline's run.
      address: where the step hands over.
      pod: the step's own; replicas run as its service account.
    """
    made = copy.deepcopy(dict(job))
    labels = {"pipeline-run": run} if run else {}
    made["metadata"] = {"name": name, "labels": labels, "ownerReferences": [dict(owner)]}
    token = {"secretKeyRef": {"name": name, "key": SECRET_KEY}}
    account = pod.get("spec", {}).get("serviceAccountName")
    for replica in made["spec"]["tfReplicaSpecs"].values():
        spec = replica["template"]["spec"]
        if account:
            spec["serviceAccountName"] = account
        spec["containers"][0]["env"] += [
            {"name": ADDRESS, "value": address},
            {"name": TOKEN, "valueFrom": token},
        ]
    return made


def token_secret(name: str, owner: Mapping[str, Any], token: str) -> Json:
    """The secret with which replicas ask the step for files."""
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name, "ownerReferences": [dict(owner)]},
        "type": "Opaque",
        "stringData": {SECRET_KEY: token},
    }


def owned_by(pod: Mapping[str, Any]) -> Json:
    """A reference to the pod, as its dependents have it."""
    found = pod["metadata"]
    return {"apiVersion": "v1", "kind": "Pod", "name": found["name"], "uid": found["uid"]}


def as_argument(job: Mapping[str, Any]) -> list[str]:
    return [FLAG, json.dumps(job, sort_keys=True)]


def _template(container: Mapping[str, Any], node: NodeOptions, gpu: str) -> Json:
    volumes: list[Json] = [{"name": "scratch", "emptyDir": {}}]
    mounts: list[Json] = [{"name": "scratch", "mountPath": SCRATCH}]
    kept: list[tuple[Json, str]] = [
        *(
            ({"secret": {"secretName": secret.name}}, secret.mount_path)
            for secret in node.secrets
            if secret.mount_path
        ),
        *(
            ({"persistentVolumeClaim": {"claimName": volume.claim}}, volume.mount_path)
            for volume in node.volumes
        ),
    ]
    for number, (source, path) in enumerate(kept):
        volumes.append({"name": f"volume-{number}", **source})
        mounts.append({"name": f"volume-{number}", "mountPath": path})
    spec: Json = {
        "containers": [
            {
                "name": CONTAINER,
                "image": container["image"],
                "command": list(COMMAND),
                "env": _variables(container, node),
                "resources": _resources(node.resources, node.gpus, gpu),
                "volumeMounts": mounts,
                "securityContext": _identity(node),
                "terminationMessagePath": LAST_WORDS_FILE,
                "terminationMessagePolicy": "FallbackToLogsOnError",
            }
        ],
        "volumes": volumes,
    }
    if node.image_pull_secrets:
        spec["imagePullSecrets"] = [{"name": name} for name in node.image_pull_secrets]
    if node.node_selector:
        spec["nodeSelector"] = dict(node.node_selector)
    tolerations = [each.model_dump(exclude_none=True) for each in node.tolerations]
    if node.gpus and not any(each["key"] == gpu for each in tolerations):
        tolerations.append({"key": gpu, "operator": "Exists", "effect": "NoSchedule"})
    if tolerations:
        spec["tolerations"] = tolerations
    # A proxy beside each would stand between replicas, and keep the pod from ending.
    without_proxy = {"sidecar.istio.io/inject": "false"}
    return {
        "metadata": {"labels": without_proxy, "annotations": dict(without_proxy)},
        "spec": spec,
    }


def _variables(container: Mapping[str, Any], node: NodeOptions) -> list[Json]:
    found = [dict(each) for each in container.get("env", ()) if each["name"] not in OWN]
    for secret in node.secrets:
        for key, variable in sorted(secret.env.items()):
            source = {"secretKeyRef": {"name": secret.name, "key": key}}
            found.append({"name": variable, "valueFrom": source})
    return [
        *found,
        {"name": ROOT, "value": SCRATCH},
        {"name": LAST_WORDS, "value": LAST_WORDS_FILE},
    ]


def _resources(resources: ResourceOptions, gpus: int, gpu: str) -> Json:
    # GB, as Kubeflow writes those of a step.
    units = {"cpu": "", "memory": "G"}
    made: Json = {}
    for bound in ("request", "limit"):
        for what, unit in units.items():
            value = getattr(resources, f"{what}_{bound}")
            if value is not None:
                made.setdefault(f"{bound}s", {})[what] = f"{value:g}{unit}"
    if gpus:
        made.setdefault("limits", {})[gpu] = str(gpus)
    return made


def _identity(node: NodeOptions) -> Json:
    """What namespaces that restrict pods ask of one."""
    context: Json = {
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
        "runAsNonRoot": True,
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    if node.run_as_user is not None:
        context["runAsUser"] = node.run_as_user
    if node.run_as_group is not None:
        context["runAsGroup"] = node.run_as_group
    return context
