"""The training operator of a dry run: the replicas of a TFJob are processes.

As pkg/controller.v1/tensorflow of kubeflow/training-operator 1.9 does it: TF_CONFIG, labels and
conditions are its own. Addresses are ports of this machine instead of names of services.
"""

from __future__ import annotations

import base64
import datetime
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from models.training.cluster import VARIABLE
from pipeline.kubeflow.dry_run.machines import Machines, clusters
from pipeline.kubeflow.training_job.manifest import (
    CHIEF,
    CONTAINER,
    INDEX_LABEL,
    JOB_LABEL,
    LAST_WORDS_FILE,
    TYPE_LABEL,
    WORKER,
)

Json = dict[str, Any]

_OF_THIS_MACHINE = ("PATH", "HOME", "TMPDIR", "PYTHONPATH")
"""Variables for which what the image has means nothing here."""
_LAST_BYTES = 2_048
"""Of a log, which Kubernetes takes for the last words of a container that left none."""


class TrainingOperator:
    """Starts the replicas of TFJobs, and tells how they are.

    Args:
      environment: what the image and the project's folder here give each replica.
      folder: working folder of the replicas; a folder of each is made beside it.
      log: beside it lie those of the replicas.
    """

    def __init__(self, environment: Mapping[str, str], folder: Path, log: Path):
        self._environment, self._folder, self._log = environment, folder, log
        self._jobs: dict[str, _Running] = {}

    def begin(self, job: Json, secrets: Mapping[str, Json]) -> None:
        """Starts the replicas of a job that was just made."""
        self._jobs[job["metadata"]["name"]] = _Running(
            job, secrets, self._environment, self._folder, self._log
        )

    def status(self, name: str) -> Json:
        return self._jobs[name].status()

    def pods(self, name: str) -> list[Json]:
        found = self._jobs.get(name)
        return found.pods() if found else []

    def end(self, name: str) -> None:
        self._jobs[name].machines.kill()

    def close(self) -> float:
        """Ends all replicas; returns the CPU seconds that they took."""
        for running in self._jobs.values():
            running.machines.kill()
        return sum(running.machines.cpu_seconds for running in self._jobs.values())


class _Running:
    def __init__(
        self,
        job: Json,
        secrets: Mapping[str, Json],
        environment: Mapping[str, str],
        folder: Path,
        log: Path,
    ):
        self._job = job
        self._ended: dict[int, str] = {}
        self._is_cleaned = False
        specs = job["spec"]["tfReplicaSpecs"]
        kinds = [kind for kind in (CHIEF, WORKER) for _ in range(specs[kind]["replicas"])]
        self._who = [
            (kind.lower(), 0 if kind == CHIEF else rank - 1) for rank, kind in enumerate(kinds)
        ]
        self._logs = [log.with_name(f"{log.stem}-{k}-{i}{log.suffix}") for k, i in self._who]
        self._words = [each.with_suffix(".words") for each in self._logs]
        own = []
        for kind, (name, index), config, words in zip(
            kinds, self._who, clusters(len(kinds)), self._words, strict=True
        ):
            spec = specs[kind]["template"]["spec"]
            places = {LAST_WORDS_FILE: str(words)}
            for volume in spec["volumes"]:
                if "emptyDir" in volume:
                    place = folder.with_name(f"{name}-{index}") / volume["name"]
                    place.mkdir(parents=True, exist_ok=True)
                    places[_mounted(spec, volume["name"])] = str(place)
            given = _variables(spec, secrets, places)
            here = {name: environment[name] for name in _OF_THIS_MACHINE if name in environment}
            own.append({**environment, **given, **here, VARIABLE: json.dumps(config)})
        command = list(specs[CHIEF]["template"]["spec"]["containers"][0]["command"])
        if command[0] in ("python", "python3"):
            command[0] = sys.executable
        self.machines = Machines(command, own, folder, self._logs)

    def status(self) -> Json:
        self._look()
        counts: Json = {}
        for rank, (kind, _) in enumerate(self._who):
            ended = self.machines.over.get(rank)
            how = "active" if ended is None else "failed" if ended[0] else "succeeded"
            of_kind = counts.setdefault(CHIEF if kind == CHIEF.lower() else WORKER, {})
            of_kind[how] = of_kind.get(how, 0) + 1
        conditions = [_condition("Created", "is created"), _condition("Running", "is running")]
        name = self._job["metadata"]["name"]
        if self.machines.code:
            kind = next(k for k in (CHIEF, WORKER) if counts.get(k, {}).get("failed"))
            failed = counts[kind]["failed"]
            told = f"TFJob {name} has failed because {failed} {kind} replica(s) failed."
            conditions[1:] = [_condition("Failed", told)]
        elif 0 in self.machines.over:
            conditions[1:] = [_condition("Succeeded", f"TFJob {name} successfully completed.")]
        return {"conditions": conditions, "replicaStatuses": counts}

    def pods(self) -> list[Json]:
        self._look()
        return [pod for rank in range(len(self._who)) if (pod := self._pod(rank)) is not None]

    def _look(self) -> None:
        known = set(self.machines.over)
        self.machines.look()
        now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
        for rank in set(self.machines.over) - known:
            self._ended[rank] = now
        if (0 in self.machines.over or self.machines.code) and not self._is_cleaned:
            # The policy is to delete the pods that run when a job is over.
            self._is_cleaned = True
            self.machines.kill()

    def _pod(self, rank: int) -> Json | None:
        kind, index = self._who[rank]
        state: Json = {"running": {}}
        phase = "Running"
        if rank in self.machines.over:
            if rank not in self._ended:
                return None
            code = self.machines.over[rank][0]
            phase = "Failed" if code else "Succeeded"
            state = {
                "terminated": {
                    "exitCode": code if code >= 0 else 128 - code,
                    "reason": "Error" if code else "Completed",
                    "finishedAt": self._ended[rank],
                    "message": self._last_words(rank) if code else "",
                }
            }
        return {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {
                "name": f"{self._job['metadata']['name']}-{kind}-{index}",
                "labels": {
                    JOB_LABEL: self._job["metadata"]["name"],
                    TYPE_LABEL: kind,
                    INDEX_LABEL: str(index),
                },
            },
            "status": {
                "phase": phase,
                "containerStatuses": [
                    {
                        "name": CONTAINER,
                        "image": "",
                        "imageID": "",
                        "ready": phase == "Running",
                        "restartCount": 0,
                        "state": state,
                    }
                ],
            },
        }

    def _last_words(self, rank: int) -> str:
        if self._words[rank].exists():
            return self._words[rank].read_text(errors="replace")
        return self._logs[rank].read_bytes()[-_LAST_BYTES:].decode(errors="replace")


def _mounted(spec: Json, name: str) -> str:
    mounts = spec["containers"][0]["volumeMounts"]
    return next(str(mount["mountPath"]) for mount in mounts if mount["name"] == name)


def _variables(
    spec: Json, secrets: Mapping[str, Json], places: Mapping[str, str]
) -> dict[str, str]:
    """Those of a replica, as far as their values are here, with paths of the pod made real ones."""
    found = {}
    for each in spec["containers"][0]["env"]:
        reference = each.get("valueFrom", {}).get("secretKeyRef")
        if reference is None:
            value = each["value"]
        elif reference["name"] in secrets:
            value = _in_secret(secrets[reference["name"]], reference["key"])
        else:
            # A dry run reads no secrets of the cluster.
            continue
        found[each["name"]] = places.get(value, value)
    return found


def _in_secret(secret: Json, key: str) -> str:
    plain = secret.get("stringData", {})
    return str(plain[key]) if key in plain else base64.b64decode(secret["data"][key]).decode()


def _condition(kind: str, message: str) -> Json:
    return {"type": kind, "status": "True", "reason": f"TFJob{kind}", "message": message}
