"""Ctrl-C and `kill` at any time: a sentence, the right exit code, nothing left as running."""

from __future__ import annotations

import re
import signal
import sqlite3
import subprocess
import sys
import time

import pytest

from tests.e2e.clone import Clone

pytestmark = pytest.mark.slow

RUNNING = 2
"""ml_metadata.proto: Execution.State."""


def test_an_interrupted_run_says_so_and_leaves_nothing_running(empty_clone: Clone):
    # Each goes on where the one before was interrupted.
    _interrupted(empty_clone, "ExampleGen", signal.SIGINT)
    _interrupted(empty_clone, "Trainer", signal.SIGTERM)
    _interrupted(empty_clone, "Evaluator", signal.SIGINT)


def _interrupted(clone: Clone, node: str, number: int) -> None:
    process = clone.start(start_new_session=True)
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith(f"{node} …"):
            time.sleep(1)
            process.send_signal(number)
            break
    out, err = process.communicate(timeout=120)
    assert process.returncode == 128 + number, (node, out, err)
    # A short node may have ended by then, and the next one have begun.
    assert re.search(r"^✘ \w+ failed: interrupted$", out, re.MULTILINE)
    assert "resume" in out
    assert "Traceback" not in out + err
    connection = sqlite3.connect(clone.root / "metadata.db")
    [[running]] = connection.execute(
        f"SELECT COUNT(*) FROM Execution WHERE last_known_state = {RUNNING}"
    )
    connection.close()
    assert running == 0


@pytest.mark.parametrize("seconds", [0.05, 0.2, 0.4, 0.7, 1.0])
def test_ctrl_c_in_the_first_second_leaves_no_trace(empty_clone: Clone, seconds: float):
    process = empty_clone.start(start_new_session=True)
    time.sleep(seconds)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    # Python itself, before the first line of ours, has words of its own.
    assert process.returncode in (-signal.SIGINT, 128 + signal.SIGINT) or not out
    assert "local_runner.py" not in err
    assert "pipeline/" not in err


@pytest.mark.parametrize("command", ["serving", "inspection"])
def test_ctrl_c_while_a_command_starts_leaves_no_trace(command: str, empty_clone: Clone):
    for seconds in (0.1, 0.3, 0.5):
        process = subprocess.Popen(
            [sys.executable, "-m", command, "--help"],
            cwd=empty_clone.source,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        time.sleep(seconds)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
        assert "Traceback" not in err or "__main__" not in err
