"""The step in a small cluster: the official client, an API that knows the role, and replicas that
are threads with the real hand-over."""

from __future__ import annotations

import json
import logging
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.kubeflow.dry_run.kubernetes_api import NAMESPACE, POD, KubernetesApi
from pipeline.kubeflow.entrypoint import main
from pipeline.kubeflow.training_job import role, step, watch
from pipeline.kubeflow.training_job.cluster_api import ApiError, ClusterApi
from pipeline.kubeflow.training_job.handed import HandedStep
from pipeline.kubeflow.training_job.manifest import as_argument, tf_job
from pipeline.kubeflow.training_job.watch import Patience, TrainingJobError
from pipeline.sections.kubeflow import NodeOptions, ReplicaOptions

Json = dict[str, Any]

RUN = "1a2b3c4d-0000-4000-8000-000000000000"
URI = f"minio://mlpipeline/v2/tfx/{RUN}/Trainer/model"
FOLDER = f"minio/mlpipeline/v2/tfx/{RUN}/Trainer/model"
JOB = tf_job({"image": "image:1"}, NodeOptions(), ReplicaOptions(count=2), "nvidia.com/gpu")
INPUT: Json = {
    "inputs": {
        "artifacts": {"examples": {"artifacts": [{"uri": "gs://bucket/examples", "type": {}}]}}
    },
    "outputs": {
        "artifacts": {
            "model": {"artifacts": [{"uri": URI}]},
            "executor-logs": {"artifacts": [{"uri": "minio://mlpipeline/logs"}]},
        },
    },
}
Work = Callable[[HandedStep, Path], str]
"""What the chief does; how the job ends."""
QUICK = Patience(lambda seconds: time.sleep(0.02))


class Threads:
    """An operator whose only replica is a thread."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.work: Work = lambda handed, folder: "Succeeded"
        self.ended: list[str] = []
        self.made: list[Json] = []
        self._state = "Running"

    def begin(self, job: Json, secrets: dict[str, Json]) -> None:
        self.made.append(job)
        spec = job["spec"]["tfReplicaSpecs"]["Chief"]["template"]["spec"]
        told = {each["name"]: each for each in spec["containers"][0]["env"]}
        reference = told["HAND_OVER_TOKEN"]["valueFrom"]["secretKeyRef"]
        token = secrets[reference["name"]]["stringData"][reference["key"]]
        handed = HandedStep(told["HAND_OVER_ADDRESS"]["value"], token)

        def work() -> None:
            self._state = self.work(handed, self.folder)

        threading.Thread(target=work, daemon=True).start()

    def status(self, name: str) -> Json:
        return {"conditions": [{"type": self._state, "status": "True", "message": "It broke."}]}

    def pods(self, name: str) -> list[Json]:
        return []

    def end(self, name: str) -> None:
        self.ended.append(name)


@pytest.fixture
def operator(tmp_path: Path) -> Threads:
    return Threads(tmp_path / "replica")


@pytest.fixture
def cluster(
    operator: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., KubernetesApi]]:
    started = []

    def start(rules: list[Any] | None = None) -> KubernetesApi:
        api = KubernetesApi(operator, rules=rules)
        started.append(api)
        api.write_config(tmp_path / "kubeconfig")
        monkeypatch.setenv("KUBECONFIG", str(tmp_path / "kubeconfig"))
        monkeypatch.setenv("KFP_POD_NAME", POD)
        return api

    yield start
    for api in started:
        api.close()


def arguments(tmp_path: Path) -> list[str]:
    outputs = {**INPUT["outputs"], "outputFile": str(tmp_path / "out" / "output.json")}
    return [
        *("--executor_class_path", "components.trainer.executor.Executor"),
        *("--json_serialized_invocation_args", json.dumps({**INPUT, "outputs": outputs})),
        *as_argument(JOB),
        "--beam_option",
    ]


def run(tmp_path: Path, patience: Patience = QUICK) -> Json:
    (tmp_path / "gcs" / "bucket" / "examples").mkdir(parents=True, exist_ok=True)
    (tmp_path / "gcs" / "bucket" / "examples" / "one").write_bytes(b"1")
    return step.run(json.dumps(JOB), arguments(tmp_path), INPUT, str(tmp_path), patience)


def trained(handed: HandedStep, folder: Path) -> str:
    told = handed.told()
    assert "--training_job" not in told["arguments"]
    assert told["arguments"][-1] == "--beam_option"
    handed.fetch(told["files"], folder)
    assert (folder / "gcs/bucket/examples/one").read_bytes() == b"1"
    assert told["outputs"] == [FOLDER]
    (folder / FOLDER).mkdir(parents=True)
    (folder / FOLDER / "saved_model.pb").write_bytes(b"model")
    handed.deliver({"artifacts": {"model": {}}}, told["outputs"], folder)
    return "Succeeded"


def test_the_outputs_of_the_chief_are_those_of_the_step(
    cluster: Any, operator: Threads, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    api = cluster()
    operator.work = trained
    monkeypatch.setenv("KUBEFLOW_LAUNCHER_ROOT", str(tmp_path))
    monkeypatch.setattr(watch, "LOOK_SECONDS", 0.02)
    (tmp_path / "gcs" / "bucket" / "examples").mkdir(parents=True)
    (tmp_path / "gcs" / "bucket" / "examples" / "one").write_bytes(b"1")
    assert main(arguments(tmp_path)) == 0
    written = json.loads((tmp_path / "out" / "output.json").read_text())
    assert written == {"artifacts": {"model": {}}}
    assert (tmp_path / FOLDER / "saved_model.pb").read_bytes() == b"model"
    [made] = operator.made
    assert made["metadata"]["name"].startswith("trainer-1a2b3c4d-")
    assert made["metadata"]["labels"] == {"pipeline-run": RUN}
    assert made["metadata"]["ownerReferences"][0]["name"] == POD
    # A job that is over keeps what its pods said.
    assert operator.ended == []
    assert ("kubeflow.org", "tfjobs", "delete") not in api.called


def test_a_job_that_fails_is_one_sentence(cluster: Any, operator: Threads, tmp_path: Path) -> None:
    cluster()
    operator.work = lambda handed, folder: "Failed"
    with pytest.raises(TrainingJobError, match=r"^TFJob trainer-1a2b3c4d-\w+ failed: It broke\.$"):
        run(tmp_path)


def test_a_job_that_leaves_nothing_has_not_succeeded(cluster: Any, tmp_path: Path) -> None:
    cluster()
    with pytest.raises(TrainingJobError, match="its chief left no outputs: `kubectl logs --names"):
        run(tmp_path)


def test_a_step_that_is_told_to_end_takes_its_job_along(
    cluster: Any, operator: Threads, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    cluster()
    caplog.set_level(logging.INFO)

    def interrupted(handed: HandedStep, folder: Path) -> str:
        os.kill(os.getpid(), signal.SIGTERM)
        return "Running"

    operator.work = interrupted
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(TrainingJobError, match="told to end"):
        run(tmp_path)
    assert operator.ended == [operator.made[0]["metadata"]["name"]]
    assert signal.getsignal(signal.SIGTERM) is before
    assert f"Deleted TFJob {operator.ended[0]}." in caplog.messages


@pytest.mark.medium
def test_the_role_allows_what_is_asked_and_nothing_else(
    cluster: Any, operator: Threads, tmp_path: Path
) -> None:
    api = cluster()
    operator.work = lambda handed, folder: "Running"
    # The replica runs on; somebody ends the step a little later.
    threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGTERM)).start()
    with pytest.raises(TrainingJobError, match="told to end"):
        run(tmp_path)
    allowed = {
        (group, resource, verb)
        for rule in role.rules()
        for group in rule["apiGroups"]
        for resource in rule["resources"]
        for verb in rule["verbs"]
    }
    assert api.called == allowed


@pytest.mark.medium
@pytest.mark.parametrize("taken", range(3))
def test_what_the_role_does_not_allow_is_told_with_what_mends_it(
    cluster: Any, operator: Threads, tmp_path: Path, taken: int
) -> None:
    rules = role.rules()
    del rules[taken]
    cluster(rules)
    with pytest.raises(ApiError, match=r"403: .*forbidden.*kubectl apply -f .*role\.yaml"):
        run(tmp_path)
    assert operator.made == []


def test_a_cluster_without_tfjobs_is_told_apart(
    cluster: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cluster()
    monkeypatch.setattr("pipeline.kubeflow.training_job.cluster_api.PLURAL", "pytorchjobs")
    monkeypatch.setattr(role, "allows", lambda *asked: True)
    with pytest.raises(TrainingJobError, match="install version 1 of the training operator"):
        run(tmp_path)


def test_outside_of_a_cluster_there_is_nobody_to_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KUBECONFIG", raising=False)
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST", raising=False)
    with pytest.raises(ApiError, match="run the compiled file on open-source Kubeflow"):
        ClusterApi()


def test_a_server_that_is_away_is_told(cluster: Any) -> None:
    api = cluster()
    client = ClusterApi()
    assert client.namespace == NAMESPACE
    assert client.pod(POD)["status"]["podIP"] == "127.0.0.1"
    with pytest.raises(ApiError) as refused:
        client.job("none")
    assert (refused.value.status, refused.value.may_pass) == (404, True)
    api.close()
    with pytest.raises(ApiError, match="Kubernetes cannot be asked to get tfjobs") as away:
        ClusterApi().job("none")
    assert away.value.may_pass
