"""Machines of a custom job as processes, whose commands are a few lines of Python."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.kubeflow.dry_run.custom_job import CustomJob
from pipeline.kubeflow.dry_run.process import run_to_its_end

WHO = """
import json, os, sys, time
config = json.loads(os.environ["TF_CONFIG"])
task = config["task"]
print(json.dumps({"pid": os.getpid(), **config}), flush=True)
is_chief = task["type"] == "chief"
"""
Start = Callable[[str, int], CustomJob]


@pytest.fixture
def start(tmp_path: Path) -> Start:
    def begin(body: str, machines: int) -> CustomJob:
        command = [sys.executable, "-c", WHO + body]
        return CustomJob(machines, command, dict(os.environ), tmp_path, tmp_path / "log.txt")

    return begin


def configs(folder: Path) -> list[dict[str, object]]:
    logs = sorted(folder.glob("log*.txt"), key=lambda log: (log.name != "log.txt", log.name))
    return [json.loads(log.read_text().splitlines()[0]) for log in logs]


def alive(folder: Path) -> list[object]:
    return [found["pid"] for found in configs(folder) if Path(f"/proc/{found['pid']}").exists()]


def test_each_machine_knows_all_and_itself(start: Start, tmp_path: Path) -> None:
    ended = run_to_its_end(start("", 3), timeout=60)
    assert ended.failure is None
    assert ended.cpu_seconds > 0
    chief, first, second = configs(tmp_path)
    assert chief["cluster"] == first["cluster"] == second["cluster"]
    cluster = chief["cluster"]
    assert isinstance(cluster, dict)
    assert [len(cluster["chief"]), len(cluster["worker"])] == [1, 2]
    assert len({*cluster["chief"], *cluster["worker"]}) == 3
    assert [each["task"] for each in (chief, first, second)] == [
        {"type": "chief", "index": 0},
        {"type": "worker", "index": 0},
        {"type": "worker", "index": 1},
    ]


@pytest.mark.medium
@pytest.mark.parametrize("who", ["is_chief", "not is_chief"])
def test_a_machine_that_fails_ends_the_job(start: Start, tmp_path: Path, who: str) -> None:
    ended = run_to_its_end(start(f"if {who}: sys.exit(3)\ntime.sleep(600)", 2), timeout=120)
    assert ended.failure == "exit code 3"
    assert alive(tmp_path) == []


@pytest.mark.medium
def test_a_job_that_takes_too_long_leaves_nothing(start: Start, tmp_path: Path) -> None:
    ended = run_to_its_end(start("time.sleep(600)", 2), timeout=1)
    assert ended.failure == "timed out after 1 s"
    assert alive(tmp_path) == []


def test_a_command_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="no-such-command"):
        CustomJob(2, ["no-such-command"], dict(os.environ), tmp_path, tmp_path / "log.txt")
