"""What a second replica costs: two processes that share each batch, beside two that share nothing.

Each process has a core of its own and as many examples to a step. Those that share nothing run at
the same time as well, so that a machine that does other things slows all alike.
"""

from __future__ import annotations

import functools
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks import machine
from benchmarks.target import Target
from benchmarks.usage import CommandError
from documents.reader import read
from documents.training_record import TrainingRecord
from pipeline.settings import REPOSITORY

PART = 64
"""Examples of each process in a step: two of them make the batch of the default settings."""
EPOCHS = 1
"""Of batches of one part; of larger ones as many more as make the same steps."""
MIN_SPEED = 0.8
MAX_NOISE = 0.02
"""Of the accuracy on 5,000 examples after two short epochs, that of one seed to another."""


def replicas(scratch: Path) -> tuple[list[Target], dict[str, Any]]:
    """Two replicas on this machine, and the same trained by one process.

    Raises:
      CommandError: a run failed.
    """
    alone = _at_once([(scratch / name, PART, "none", {}) for name in ("first", "second")])
    hosts = [f"127.0.0.1:{machine.free_port()}" for _ in range(2)]
    shared = _at_once(
        [
            (
                scratch / "first",
                2 * PART,
                "multi_worker",
                {
                    "TF_CONFIG": json.dumps(
                        {"cluster": {"worker": hosts}, "task": {"type": "worker", "index": index}}
                    )
                },
            )
            for index in range(2)
        ]
    )[0]
    (one,) = _at_once([(scratch / "second", 2 * PART, "none", {})])
    speed = sum(map(_speed, alone)) / len(alone)
    targets = [
        Target(
            "steps/s of a process with another one / without",
            _speed(shared) / speed,
            MIN_SPEED,
            at_least=True,
        ),
        Target(
            "accuracy of two replicas, apart from that of one process",
            abs(shared["eval_accuracy"] - one["eval_accuracy"]),
            MAX_NOISE,
        ),
    ]
    return targets, {"alone": alone, "two_replicas": shared, "one_with_their_batch": one}


def _at_once(orders: Sequence[tuple[Path, int, str, Mapping[str, str]]]) -> list[dict[str, Any]]:
    """Runs at the same time, each on a core of its own; how their trainings went.

    Args:
      orders: ROOT, batch size, strategy and environment of each run.
    """
    cores = sorted(os.sched_getaffinity(0))
    running = []
    for order, (root, batch_size, strategy, environment) in enumerate(orders):
        overrides = {
            "training.epochs": EPOCHS * batch_size // PART,
            "training.batch_size": batch_size,
            "training.strategy": strategy,
        }
        command = [
            *(sys.executable, "local_runner.py", "--to=Trainer"),
            *("--root", str(root)),
            *(f"--set={key}={value}" for key, value in overrides.items()),
        ]
        running.append(
            subprocess.Popen(
                command,
                cwd=REPOSITORY,
                env={**os.environ, **environment},
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                text=True,
                preexec_fn=functools.partial(os.sched_setaffinity, 0, {cores[order % len(cores)]}),
            )
        )
    for process in running:
        said = process.communicate()[1]
        if process.returncode:
            raise CommandError(f"A training failed: {said[-2_000:]}")
    return [_training(root) for root, *_ in orders]


def _training(root: Path) -> dict[str, Any]:
    """How the last training below a ROOT went."""
    records = root.glob(f"artifacts/Trainer/model/*/{TrainingRecord.FILE}")
    record = read(TrainingRecord, str(max(records, key=lambda path: path.stat().st_mtime)))
    if record is None or not record.steps or not record.seconds:
        raise CommandError(f"No training below {root} says how many steps it took.")
    return {
        "steps": record.steps,
        "seconds": round(record.seconds, 2),
        "eval_accuracy": record.eval_accuracy,
    }


def _speed(training: Mapping[str, Any]) -> float:
    return float(training["steps"] / training["seconds"])
