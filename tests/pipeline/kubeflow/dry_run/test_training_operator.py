"""Replicas of a TFJob as processes, whose commands are a few lines of Python."""

from __future__ import annotations

import copy
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from models.training.cluster import cluster_of
from pipeline.kubeflow.dry_run.training_operator import TrainingOperator
from pipeline.kubeflow.training_job.manifest import completed, tf_job
from pipeline.kubeflow.training_job.state import State, state
from pipeline.sections.kubeflow import NodeOptions, ReplicaOptions

Json = dict[str, Any]

WHO = """
import json, os, pathlib, sys, time
task = json.loads(os.environ["TF_CONFIG"])["task"]
is_chief = task["type"] == "chief"
print(json.dumps(dict(os.environ)), flush=True)
"""
Begin = Callable[[str, int], str]


@pytest.fixture
def operator(tmp_path: Path) -> Iterator[TrainingOperator]:
    (tmp_path / "cwd").mkdir()
    environment = {**os.environ, "PYTHONPATH": "here"}
    made = TrainingOperator(environment, tmp_path / "cwd", tmp_path / "log.txt")
    yield made
    made.close()


@pytest.fixture
def begin(operator: TrainingOperator) -> Begin:
    def start(body: str, count: int) -> str:
        container = {"image": "image:1", "env": [{"name": "PYTHONPATH", "value": "/opt/project"}]}
        job = tf_job(container, NodeOptions(), ReplicaOptions(count=count), "nvidia.com/gpu")
        pod = {"metadata": {"name": "step", "uid": "1"}}
        job = completed(job, name="job", owner={}, run=None, address="http://step", pod=pod)
        for spec in job["spec"]["tfReplicaSpecs"].values():
            [replica] = spec["template"]["spec"]["containers"]
            replica["command"] = [sys.executable, "-c", WHO + body]
            replica["env"].append(
                {
                    "name": "OTHER",
                    "valueFrom": {"secretKeyRef": {"name": "of-the-cluster", "key": "a"}},
                }
            )
        secrets = {"job": {"stringData": {"token": "word"}}}
        operator.begin(copy.deepcopy(job), secrets)
        return "job"

    return start


def over(operator: TrainingOperator, name: str) -> State:
    while True:
        found = state({"status": operator.status(name)}, operator.pods(name))
        if found.outcome != "waiting":
            return found
        time.sleep(0.05)


def environments(folder: Path) -> dict[str, dict[str, str]]:
    return {
        log.stem.removeprefix("log-"): json.loads(log.read_text().splitlines()[0])
        for log in folder.glob("log-*.txt")
    }


@pytest.mark.medium
def test_each_replica_knows_all_and_itself(
    operator: TrainingOperator, begin: Begin, tmp_path: Path
) -> None:
    name = begin("if not is_chief: sys.exit()\ntime.sleep(1)", 3)
    assert over(operator, name).outcome == "done"
    found = environments(tmp_path)
    assert set(found) == {"chief-0", "worker-0", "worker-1"}
    ranks = []
    for who in sorted(found):
        cluster = cluster_of("multi_worker", 6, found[who])
        assert cluster
        ranks.append(cluster.rank)
        assert found[who]["KUBEFLOW_LAUNCHER_ROOT"] == str(tmp_path / who / "scratch")
        assert Path(found[who]["KUBEFLOW_LAUNCHER_ROOT"]).is_dir()
        assert found[who]["HAND_OVER_TOKEN"] == "word"
        assert found[who]["PYTHONPATH"] == "here"
        assert "OTHER" not in found[who]
    assert ranks == [0, 1, 2]


@pytest.mark.parametrize("who", ["is_chief", "not is_chief"])
def test_a_replica_that_fails_ends_the_job_with_its_last_words(
    operator: TrainingOperator, begin: Begin, tmp_path: Path, who: str
) -> None:
    words = 'pathlib.Path(os.environ["TERMINATION_LOG"]).write_text("The disk is full.")'
    name = begin(f"if {who}:\n    {words}\n    sys.exit(3)\ntime.sleep(600)", 2)
    found = over(operator, name)
    kind = "chief" if who == "is_chief" else "worker"
    assert found.why == f"failed with {kind} 0 (exit code 3): The disk is full"
    # The other one is deleted with its pod.
    assert len(operator.pods(name)) == 1


def test_without_last_words_there_is_the_end_of_the_log(
    operator: TrainingOperator, begin: Begin
) -> None:
    name = begin("print('Out of luck.', flush=True)\nos.kill(os.getpid(), 9)", 2)
    assert "0 (exit code 137): Out of luck" in over(operator, name).why


def test_a_job_that_is_deleted_leaves_no_process(
    operator: TrainingOperator, begin: Begin, tmp_path: Path
) -> None:
    name = begin("print(os.getpid(), flush=True)\ntime.sleep(600)", 2)
    logs = [tmp_path / "log-chief-0.txt", tmp_path / "log-worker-0.txt"]
    while not all(log.exists() and log.read_text().count("\n") == 2 for log in logs):
        time.sleep(0.05)
    operator.end(name)
    for log in logs:
        assert not Path(f"/proc/{log.read_text().split()[-1]}").exists()
    assert operator.close() > 0
