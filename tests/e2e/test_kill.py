"""kill -9 in any node, then the same command again: the run completes, nothing is half-written."""

from __future__ import annotations

import signal
import threading

import pytest

from inspection.ids import latest_run
from inspection.killed import settle
from inspection.questions.failure import why_failed
from inspection.store import open_history
from inspection.workspace import Workspace
from serving.versions import list_versions
from tests.e2e.clone import Clone

pytestmark = pytest.mark.slow

NODES = (
    "ExampleGen",
    "StatisticsGen",
    "ExampleValidator",
    "Transform",
    "Trainer",
    "Evaluator",
    "ServingCheck",
    "Pusher",
)


def test_a_run_killed_in_every_node_completes(empty_clone: Clone):
    for node in NODES:
        _run_until(empty_clone, node)
        _is_called_killed(empty_clone)
        assert list_versions(empty_clone.base_path) == [] or node == "Pusher"
    run = empty_clone.run("--json")
    assert run.code == 0, run.err
    assert run.summary["outcome"] in ("pushed", "already_live")
    [version] = list_versions(empty_clone.base_path)
    assert version.number == run.summary["version"]


def _is_called_killed(clone: Clone) -> None:
    history = settle(open_history(clone.root))
    run = latest_run(history)
    assert run
    assert run.state == "killed"
    answer = why_failed(history, run, Workspace(clone.root))
    assert answer.headline.startswith(f"Run {run.name} was killed")
    assert answer.resume
    assert "local_runner.py" in answer.resume


def _run_until(clone: Clone, node: str) -> None:
    """Starts a run and kills it, and whatever it started, as soon as `node` begins."""
    process = clone.start(start_new_session=True)
    # For a run that hangs; a thread that still waited would hold up the end of all tests.
    timer = threading.Timer(280, process.kill)
    timer.daemon = True
    timer.start()
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith(f"{node} …"):
            process.send_signal(signal.SIGKILL)
            break
    else:
        pytest.fail(f"The run ended before {node} began: {process.stderr.read()}")
    process.wait()
    timer.cancel()
