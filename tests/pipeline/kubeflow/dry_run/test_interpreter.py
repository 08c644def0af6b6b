"""Steps that are forks of one interpreter: each must be what a process of its own would be."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from pipeline.kubeflow.dry_run.interpreter import Interpreter, InterpreterError
from pipeline.kubeflow.dry_run.process import run_to_its_end
from pipeline.kubeflow.entrypoint import LAUNCHER_ROOT
from pipeline.settings import REPOSITORY

SCHEMA = "tfx.components.schema_gen.import_schema_gen.executor.Executor"
USERS = """
import os, pathlib, sys, tempfile, time
from tfx.dsl.components.base.base_executor import BaseExecutor

class Executor(BaseExecutor):
    def Do(self, inputs, outputs, properties):
        pathlib.Path(sys.path[0], "seen").write_text(
            "\\n".join([os.getcwd(), os.environ["MODE"], tempfile.gettempdir(), str(os.getsid(0))])
        )
        print("said")
        {body}
"""


class Started:
    """An interpreter, started when it is first needed and again after `close`, and steps of it."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.shared = {"PATH": os.defpath, "PYTHONPATH": str(REPOSITORY), "LANG": "C.UTF-8"}
        self._running: Interpreter | None = None

    @property
    def interpreter(self) -> Interpreter:
        if self._running is None:
            classes = [SCHEMA, "no.such.Class"]
            self._running = Interpreter(self.shared, classes, self.folder / "log.txt")
        return self._running

    def close(self) -> None:
        if self._running:
            self._running.close()
            self._running = None

    def run(self, name: str, body: str = "", timeout: float = 60.0, **variables: str):
        place = self.folder / name
        place.mkdir()
        (place / f"{name}.py").write_text(USERS.format(body=body))
        document = {"outputs": {"outputFile": str(place / "output.json")}, "inputs": {}}
        environment = {
            **self.shared,
            "HOME": str(place),
            "TMPDIR": str(place),
            LAUNCHER_ROOT: str(place),
            **variables,
        }
        arguments = [
            *("--executor_class_path", f"{name}.Executor"),
            *("--json_serialized_invocation_args", json.dumps(document)),
        ]
        fork = self.interpreter.begin(arguments, environment, place, place / "log.txt")
        return run_to_its_end(fork, timeout), place


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Started]:
    made = Started(tmp_path_factory.mktemp("interpreter"))
    yield made
    made.close()


@pytest.mark.medium
def test_a_step_has_a_folder_an_environment_and_a_log_of_its_own(started: Started):
    for name, mode in (("one", "1"), ("two", "2")):
        ended, place = started.run(name, MODE=mode)
        log = (place / "log.txt").read_text()
        assert ended.failure is None, log
        folder, seen, temporary, session = (place / "seen").read_text().split("\n")
        assert (folder, seen, temporary) == (str(place), mode, str(place))
        assert int(session) != os.getsid(0)
        assert log.count("said") == 1
        assert log.count("Ready to execute after") == 1
        # What all steps import was imported once.
        assert ended.cpu_seconds < started.interpreter.cpu_seconds
    assert "MODE" not in os.environ


@pytest.mark.medium
@pytest.mark.parametrize(
    ("name", "body", "timeout", "why"),
    [
        ("raises", "raise RuntimeError('no such luck')", 60.0, "exit code 1"),
        ("exits", "sys.exit(7)", 60.0, "exit code 7"),
        ("killed", "os.kill(os.getpid(), 9)", 60.0, "killed by SIGKILL"),
        ("waits", "time.sleep(300)", 1.0, "timed out after 1 s"),
    ],
)
def test_however_a_step_ends_the_next_one_runs(started: Started, name, body, timeout, why: str):
    ended, place = started.run(name, body, timeout, MODE="x")
    assert ended.failure == why, (place / "log.txt").read_text()
    assert started.run(f"after_{name}", MODE="x")[0].failure is None


@pytest.mark.medium
def test_what_a_step_leaves_running_ends_with_it(started: Started):
    body = (
        "import subprocess; child = subprocess.Popen(['sleep', '300']); "
        "pathlib.Path(sys.path[0], 'pid').write_text(str(child.pid))"
    )
    ended, place = started.run("leaves", body, MODE="x")
    assert ended.failure is None
    pid = int((place / "pid").read_text())
    assert not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


@pytest.mark.medium
def test_an_interpreter_that_was_killed_is_told(started: Started):
    started.interpreter._process.kill()
    started.interpreter._process.wait()
    with pytest.raises(InterpreterError):
        started.run("late", MODE="x")
    started.close()


def test_one_that_cannot_start_is_told(tmp_path: Path):
    # Its first import fails.
    (tmp_path / "gc.py").write_text("")
    (tmp_path / "json.py").write_text("raise SystemExit(3)")
    start = time.monotonic()
    with pytest.raises(InterpreterError):
        Interpreter({"PYTHONPATH": str(tmp_path)}, [SCHEMA], tmp_path / "log.txt")
    assert time.monotonic() - start < 60
