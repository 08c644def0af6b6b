"""Forked processes end as they are told, and none outlives its run."""

import fcntl
import os
import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).with_name("forking.py")
REPOSITORY = Path(__file__).parents[5]


def _start(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(SCRIPT), *arguments],
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def test_each_end_of_a_child_is_told():
    out, _ = _start("ends").communicate(timeout=120)
    assert out.splitlines() == [
        "exit 0 -9",
        "interrupted interrupted",
        "exit 0 0",
        "no other one starts",
    ]


def test_with_a_killed_run_its_processes_end_and_its_lock_is_free(tmp_path: Path):
    lock = tmp_path / "lock"
    process = _start("kill", str(lock))
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.kill()
    process.wait()
    with lock.open() as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    # It ends when nobody can write there any more.
    assert process.communicate(timeout=120)[0] == ""
