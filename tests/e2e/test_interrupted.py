"""Ctrl-C, `kill` and kill -9 at any time, then the same command again: the run completes.

Whoever can still say so says it in a sentence, with the right exit code; nothing is left as
running, and nothing is half-written.
"""

from __future__ import annotations

import itertools
import re
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from inspection.files.workspace import Workspace
from inspection.history.ids import resolve_run
from inspection.questions.executions.failure import why_failed
from inspection.questions.executions.killed import settle
from inspection.store import open_history
from serving.base_path.versions import list_versions
from tests.e2e.clone import LONGEST_SECONDS, REPOSITORY, Clone, clone_with_table
from tests.e2e.warm import WarmProcess

pytestmark = pytest.mark.slow

RUNNING = 2
"""ml_metadata.proto: Execution.State."""
FIRST = {"import signal", "signal.signal(signal.SIGINT, signal.SIG_DFL)"}
"""Until they have run, Python itself answers Ctrl-C, with a trace."""
STOPS = (
    ("ExampleGen", signal.SIGKILL),
    ("StatisticsGen", signal.SIGINT),
    ("ExampleValidator", signal.SIGKILL),
    ("Transform", signal.SIGKILL),
    ("Trainer", signal.SIGTERM),
    ("Trainer", signal.SIGKILL),
    ("Evaluator", signal.SIGINT),
    ("Evaluator", signal.SIGKILL),
    ("ServingCheck", signal.SIGKILL),
    ("Pusher", signal.SIGKILL),
)


@pytest.mark.extended
def test_a_run_stopped_in_every_node_says_so_and_completes(tmp_path: Path):
    clone = clone_with_table(REPOSITORY, tmp_path)
    # Each goes on where the one before was stopped, whether nodes run one by one or side by side.
    for (node, number), jobs in zip(STOPS, itertools.cycle("221")):
        if number == signal.SIGKILL:
            _kill(clone, node, jobs)
            _is_called_killed(clone)
        else:
            _interrupt(clone, node, number, jobs)
        assert list_versions(clone.base_path) == [] or node == "Pusher"
    run = clone.run_warm("--json")
    assert run.code == 0, run.err
    assert run.summary["outcome"] in ("pushed", "already_live")
    [version] = list_versions(clone.base_path)
    assert version.number == run.summary["version"]


def _kill(clone: Clone, node: str, jobs: str) -> None:
    """Starts a run and kills it without a word as soon as `node` begins."""
    process = _started(clone, node, jobs)
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=LONGEST_SECONDS)


def _is_called_killed(clone: Clone) -> None:
    history = settle(open_history(clone.root))
    run = resolve_run(history, "latest")
    assert run.state == "killed"
    answer = why_failed(history, run, Workspace(clone.root))
    assert answer.headline.startswith(f"Run {run.name} was killed")
    assert answer.resume
    assert "local_runner.py" in answer.resume


def _interrupt(clone: Clone, node: str, number: int, jobs: str) -> None:
    process = _started(clone, node, jobs)
    time.sleep(1)
    process.send_signal(number)
    out, err = process.communicate(timeout=LONGEST_SECONDS)
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


def _started(clone: Clone, node: str, jobs: str) -> WarmProcess:
    """A run in which `node` has begun."""
    process = clone.start_warm(f"--jobs={jobs}", start_new_session=True)
    # For a run that hangs; a thread that still waited would hold up the end of all tests.
    timer = threading.Timer(LONGEST_SECONDS, process.kill)
    timer.daemon = True
    timer.start()
    for line in process.stdout:
        if line.startswith(f"{node} …"):
            timer.cancel()
            return process
    timer.cancel()
    pytest.fail(f"The run ended before {node} began: {process.stderr.read()}")


@pytest.mark.parametrize("seconds", [0.05, 0.2, 0.4, 0.7, 1.0])
def test_ctrl_c_in_the_first_second_leaves_no_trace(empty_clone: Clone, seconds: float):
    process = empty_clone.start(start_new_session=True)
    time.sleep(seconds)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=LONGEST_SECONDS)
    # Python itself, before the first line of ours, has words of its own.
    assert process.returncode in (-signal.SIGINT, 128 + signal.SIGINT) or not out
    assert _lines_of_ours(err, "local_runner.py") <= FIRST
    assert "pipeline/" not in err


@pytest.mark.parametrize("command", ["serving", "inspection", "models.hub"])
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
        _, err = process.communicate(timeout=LONGEST_SECONDS)
        assert _lines_of_ours(err, f"{command.replace('.', '/')}/__main__.py") <= FIRST


def _lines_of_ours(trace: str, file: str) -> set[str]:
    """The lines of `file` that a trace shows."""
    return {*re.findall(rf'{re.escape(file)}", line \d+, in .*\n\s+(.*)', trace)}
