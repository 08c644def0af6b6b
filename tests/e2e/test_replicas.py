"""Two processes train one model; one of them is killed, and the same commands go on."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path

import pytest

from tests.e2e import warm
from tests.e2e.clone import REPOSITORY
from tests.e2e.warm import WarmProcess
from tests.metadata_servers import free_port

pytestmark = [pytest.mark.slow, pytest.mark.extended]

EPOCHS = 5
SECONDS = 1_200
"""For what hangs: TensorFlow alone notices who is gone within ten."""
OVERRIDES = (
    "training.strategy=multi_worker",
    f"training.epochs={EPOCHS}",
    "training.checkpoint_steps=20",
)


class Pair:
    """Chief and worker of one ROOT."""

    def __init__(self, root: Path):
        self.root = root
        self.hosts = [f"127.0.0.1:{free_port()}" for _ in range(2)]

    def start(self, index: int) -> WarmProcess:
        task = {"type": "worker", "index": index}
        config = json.dumps({"cluster": {"worker": self.hosts}, "task": task})
        return warm.start(
            [
                *("local_runner.py", "--json", "--to=Trainer"),
                *("--config", "configs/quick.yaml", "--root", str(self.root)),
                *(f"--set={override}" for override in OVERRIDES),
            ],
            cwd=REPOSITORY,
            env={**os.environ, "TF_CONFIG": config},
        )


def test_two_processes_train_one_model_and_go_on_after_a_kill(tmp_path: Path) -> None:
    pair = Pair(tmp_path / "root")
    chief, worker = pair.start(0), pair.start(1)
    try:
        while not [*pair.root.glob("checkpoints/*/checkpoint")]:
            assert chief.poll() is None, chief.communicate()
            assert worker.poll() is None, worker.communicate()
            time.sleep(0.02)
        worker.send_signal(signal.SIGKILL)
        summary = json.loads(chief.communicate(timeout=SECONDS)[0])
    finally:
        for process in (chief, worker):
            process.kill()
            process.communicate()
    assert chief.returncode == 1
    assert summary["reason"].startswith("Trainer: ")
    assert (
        " is gone, with which this process trains: start the same command in" in summary["reason"]
    )
    assert not [*pair.root.glob("artifacts/Trainer/model/*")]

    chief, worker = pair.start(0), pair.start(1)
    try:
        (output, errors), (told, _) = (
            process.communicate(timeout=SECONDS) for process in (chief, worker)
        )
    finally:
        for process in (chief, worker):
            process.kill()
    assert (chief.returncode, worker.returncode) == (0, 0), errors
    assert json.loads(told)["process"] == 1
    assert "resuming after step" in Path(json.loads(output)["log"]).read_text()
    [record] = pair.root.glob("artifacts/Trainer/model/*/training.json")
    found = json.loads(record.read_text())
    # Batches are those of both processes.
    assert found["steps"] == found["data"]["examples"]["train"] // 64 * EPOCHS
    assert found["examples_seen"] == 64 * found["steps"]
    assert found["eval_accuracy"] > 0.7
    assert not [*pair.root.glob("checkpoints/*/checkpoint")]
