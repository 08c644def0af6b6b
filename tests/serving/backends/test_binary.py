from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from serving.backends.binary import Binary
from serving.clients.rest_client import RestClient
from serving.launch import LaunchError, UnavailableError, launch
from tests.there import there


def ended(pid: int, seconds: float = 60) -> bool:
    """Whether a process is gone or a zombie by then; orphans are not collected everywhere."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
                return True
        except psutil.NoSuchProcess:
            return True
        time.sleep(0.05)
    return False


@pytest.mark.medium
def test_without_the_binary_the_fix_is_named(programs, base_path: Path):
    with pytest.raises(LaunchError, match="no tensorflow_model_server on PATH; install"):
        launch(base_path, "small", backend="tensorflow_model_server")


def test_a_binary_that_does_not_run_here_is_none(programs):
    programs.add("tensorflow_model_server", "sh", "-c", "echo Illegal instruction >&2; exit 132")
    assert "exit code 132: Illegal instruction" in there(Binary().missing())
    (programs.folder / "tensorflow_model_server").write_text("\x7fELF nonsense")
    assert "does not run here" in there(Binary().missing())


@pytest.mark.slow
def test_the_binary_is_the_first_choice_and_serves(programs, base_path: Path):
    programs.add_binary()
    with launch(base_path, "small", grpc=True, flags=["--rest_api_timeout_in_ms=9000"]) as server:
        assert server.backend == "tensorflow_model_server"
        server.wait_available(3)
        assert RestClient(server.rest_url, "small").predict([[0, 0]]) == [[1.0, 1.0]]
        assert Path(there(server.grpc_target).removeprefix("unix:")).is_socket()
        assert 20 < server.rss_megabytes() <= server.peak_rss_megabytes() < 2000
        pid = server.pid
        assert "--rest_api_timeout_in_ms=9000" in psutil.Process(pid).cmdline()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


@pytest.mark.slow
def test_the_binary_ends_with_the_process_that_started_it(programs, base_path: Path):
    programs.add_binary()
    code = (
        "import os, signal; from serving.launch import launch;"
        f"server = launch({str(base_path)!r}, 'small', backend='tensorflow_model_server');"
        "print(server.pid, flush=True); os.kill(os.getpid(), signal.SIGKILL)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ended(int(run.stdout))


@pytest.mark.slow
def test_an_installation_that_cannot_start_is_told_from_a_model_that_does_not_load(
    programs, tmp_path: Path
):
    (tmp_path / "1").mkdir()
    broken = tmp_path / "broken.sh"
    broken.write_text("[ $1 = --version ] || { echo libstdc++.so.6: not found; exit 1; }\n")
    programs.add_binary()
    with (
        launch(tmp_path, "small") as server,
        pytest.raises(UnavailableError, match="Could not find SavedModel"),
    ):
        server.wait_available(1)
    programs.add("tensorflow_model_server", "sh", str(broken))
    with (
        launch(tmp_path, "small") as server,
        pytest.raises(LaunchError, match=r"it said: .*libstdc") as caught,
    ):
        server.wait_available(1)
    assert not isinstance(caught.value, UnavailableError)
