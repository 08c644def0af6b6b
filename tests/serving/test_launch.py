from __future__ import annotations

import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest

from serving.clients.grpc_client import GrpcClient
from serving.clients.rest_client import RestClient
from serving.launch import LaunchError, UnavailableError, launch
from tests.serving.eventually import eventually
from tests.there import there

pytestmark = pytest.mark.slow


def add_version(saved_model: Path, base_path: Path, number: int) -> None:
    staging = base_path / f".staging-{number}"
    shutil.copytree(saved_model, staging)
    staging.rename(base_path / str(number))


def test_a_server_runs_exactly_as_long_as_its_block(base_path: Path):
    with launch(base_path, "small", backend="embedded") as server:
        server.wait_available(3)
        assert server.alive
        assert server.backend == "embedded"
        assert 20 < server.peak_rss_megabytes() < 2000
        process = psutil.Process(server.pid)
    assert not server.alive
    assert not process.is_running()
    server.stop()


@pytest.mark.extended
def test_base_paths_can_be_looked_at_often(saved_model: Path, tmp_path: Path):
    add_version(saved_model, tmp_path, 3)
    with launch(tmp_path, "small", backend="embedded", poll_seconds=0.05) as server:
        server.wait_available(3)
        assert "--file_system_poll_wait_millis=50" in psutil.Process(server.pid).cmdline()
        add_version(saved_model, tmp_path, 4)
        server.wait_available(4)


@pytest.mark.extended
def test_a_base_path_may_be_an_address(base_path: Path):
    with launch(f"file://{base_path}", "small", backend="embedded") as server:
        server.wait_available(3)


def test_an_unknown_backend_is_refused(base_path: Path):
    unknown: Any = "podman"
    with pytest.raises(
        LaunchError, match="'podman'; choose auto or one of tensorflow_model_server"
    ):
        launch(base_path, "small", backend=unknown)


def test_a_server_ends_when_its_block_fails(base_path: Path):
    with pytest.raises(ZeroDivisionError), launch(base_path, "small", backend="embedded") as server:
        raise ZeroDivisionError
    assert not server.alive


def test_a_stopped_server_is_killed(base_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("serving.launch.STOP_SECONDS", 0.2)
    with launch(base_path, "small", backend="embedded") as server:
        os.kill(server.pid, signal.SIGSTOP)
    assert not server.alive


def _runs(pid: int) -> bool:
    """Whether a process runs; one that ended stays a zombie where nobody collects orphans."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_a_server_ends_with_the_process_that_started_it(base_path: Path):
    code = (
        "import os, signal, sys; from serving.launch import launch;"
        f"server = launch({str(base_path)!r}, 'small', backend='embedded');"
        "server.wait_available();"
        "print(server.pid, flush=True); os.kill(os.getpid(), signal.SIGKILL)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    pid = int(run.stdout)
    deadline = time.monotonic() + 60
    while _runs(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _runs(pid)


def test_new_versions_are_served_and_withdrawn_ones_are_not(saved_model: Path, tmp_path: Path):
    add_version(saved_model, tmp_path, 1)
    log = tmp_path / "server.log"
    with launch(tmp_path, "small", backend="embedded", log_path=log) as server:
        server.wait_available(1)
        add_version(saved_model, tmp_path, 2)
        server.wait_available(2, timeout=60)
        shutil.rmtree(tmp_path / "2")
        server.wait_available(1, timeout=60)
        assert RestClient(server.rest_url, "small").predict([[0, 0]]) == [[1.0, 1.0]]
        assert "Exporting HTTP/REST API" in log.read_text()


def test_a_model_that_does_not_load_says_why(tmp_path: Path):
    (tmp_path / "1").mkdir()
    with (
        launch(tmp_path, "small", backend="embedded") as server,
        pytest.raises(
            UnavailableError, match=r"NOT_FOUND: Could not find SavedModel \.pb"
        ) as caught,
    ):
        server.wait_available()
    assert "exit code 255" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_broken_later_version_is_reported_and_the_old_one_answers(
    saved_model: Path, tmp_path: Path
):
    add_version(saved_model, tmp_path, 1)
    with launch(tmp_path, "small", backend="embedded") as server:
        server.wait_available()
        (tmp_path / "2").mkdir()
        with pytest.raises(UnavailableError, match="gave up version 2 of small"):
            server.wait_available(2, timeout=60)
        assert RestClient(server.rest_url, "small").predict([[0, 0]]) == [[1.0, 1.0]]


def test_an_empty_base_path_is_waited_for(tmp_path: Path):
    with launch(tmp_path, "small", backend="embedded") as server:
        assert eventually(lambda: "No versions of servable small found" in server.last_line, 60)
        with pytest.raises(LaunchError, match="No versions of servable small found") as caught:
            server.wait_available(timeout=0.5)
    assert not isinstance(caught.value, UnavailableError)


@pytest.mark.extended
def test_where_it_is_started_decides_nothing(
    base_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    deep = tmp_path / ("d" * 90)
    (deep / "serving").mkdir(parents=True)
    for shadow in ("serving/__init__.py", "queue.py", "tensorflow.py"):
        (deep / shadow).write_text("raise SystemExit('imported from the working folder')")
    (deep / "base").symlink_to(base_path)
    monkeypatch.chdir(deep)
    monkeypatch.setenv("PYTHONPATH", str(deep))
    monkeypatch.setenv("XLA_FLAGS", "--no_such_flag=1")
    monkeypatch.setenv("TMPDIR", str(deep))
    monkeypatch.setattr(tempfile, "tempdir", None)
    with launch("base", "small", backend="embedded", grpc=True) as server:
        server.wait_available(3)
        with GrpcClient(there(server.grpc_target), "small") as client:
            assert client.predict({"x": np.zeros((1, 2), np.float32)})["y"].tolist() == [[1, 1]]


def test_grpc_has_a_port_where_no_socket_can_be(base_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("serving.backends.place.LONGEST_SOCKET", 5)
    with launch(base_path, "small", backend="embedded", grpc=True) as server:
        server.wait_available(3)
        assert there(server.grpc_target).startswith("127.0.0.1:")
        with GrpcClient(there(server.grpc_target), "small") as client:
            assert client.predict({"x": np.zeros((1, 2), np.float32)})["y"].tolist() == [[1, 1]]


def test_a_server_that_was_killed_accuses_no_model(base_path: Path, tmp_path: Path):
    with launch(base_path, "small", backend="embedded") as server:
        os.kill(server.pid, signal.SIGKILL)
        with pytest.raises(LaunchError, match="killed by SIGKILL") as caught:
            server.wait_available(3)
    assert not isinstance(caught.value, UnavailableError)


def test_a_server_that_is_held_accuses_no_model(base_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("serving.launch.STOP_SECONDS", 0.2)
    with launch(base_path, "small", backend="embedded") as server:
        server.wait_available(3)
        before = server.waited_seconds
        os.kill(server.pid, signal.SIGSTOP)
        # It goes on before it is asked for the last time.
        goes_on = threading.Timer(1.2, os.kill, (server.pid, signal.SIGCONT))
        goes_on.start()
        with pytest.raises(LaunchError, match="or was held") as went_on:
            server.wait_available(4, timeout=1.6)
        goes_on.join()
        assert server.waited_seconds - before > 1
        os.kill(server.pid, signal.SIGSTOP)
        with pytest.raises(LaunchError, match="or was held") as caught:
            server.wait_available(4, timeout=1)
    assert not isinstance(went_on.value, UnavailableError)
    assert not isinstance(caught.value, UnavailableError)


def test_a_server_without_descriptors_accuses_no_model(saved_model: Path, tmp_path: Path):
    add_version(saved_model, tmp_path, 1)
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    with launch(tmp_path, "small", backend="embedded") as server:
        server.wait_available(1)
        open_now = psutil.Process(server.pid).num_fds()
        resource.prlimit(server.pid, resource.RLIMIT_NOFILE, (open_now, hard))
        add_version(saved_model, tmp_path, 2)
        with pytest.raises(LaunchError) as caught:
            server.wait_available(2, timeout=60)
    assert not isinstance(caught.value, UnavailableError)
