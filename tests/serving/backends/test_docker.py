from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from serving.clients.rest_client import RestClient
from serving.launch import LaunchError, UnavailableError, launch
from tests.there import there


@pytest.fixture
def served(base_path: Path) -> Path:
    """The base path, readable by the user of the container."""
    base_path.chmod(0o755)
    return base_path


def containers() -> list[str]:
    return os.listdir(os.environ["STAND_IN_CONTAINERS"])


def test_without_docker_the_fix_is_named(programs, base_path: Path):
    with pytest.raises(LaunchError, match="no docker on PATH; install Docker"):
        launch(base_path, "small", backend="docker")


def test_without_the_image_the_fix_is_named(
    programs, base_path: Path, monkeypatch: pytest.MonkeyPatch
):
    programs.add_docker()
    monkeypatch.setenv("STAND_IN_IMAGE", "another")
    with pytest.raises(LaunchError, match="get it with `docker pull tensorflow/serving`"):
        launch(base_path, "small", backend="docker")


def test_without_the_daemon_the_fix_is_named(programs, base_path: Path):
    programs.add("docker", "sh", "-c", "echo Cannot connect to the Docker daemon >&2; exit 1")
    with pytest.raises(LaunchError, match=r"Cannot connect to the Docker daemon.*start its daemon"):
        launch(base_path, "small", backend="docker")


@pytest.mark.medium
def test_a_container_that_docker_refuses_is_a_broken_installation(programs, served: Path):
    programs.add_docker()
    refuses = {"STAND_IN_REFUSES": "1"}
    with (
        launch(served, "small", backend="docker", env=refuses) as server,
        pytest.raises(LaunchError, match="no space left on device") as caught,
    ):
        server.wait_available()
    assert not isinstance(caught.value, UnavailableError)


@pytest.mark.skipif(os.getuid() != 0, reason="only root may read what nobody may")
def test_root_may_not_serve_what_nobody_may_read(programs, tmp_path: Path):
    programs.add_docker()
    tmp_path.chmod(0o700)
    with pytest.raises(LaunchError, match=r"others may not read .*; allow it with `chmod o\+rx"):
        launch(tmp_path, "small", backend="docker")


@pytest.mark.slow
def test_a_container_is_the_second_choice_and_serves(programs, served: Path):
    programs.add_docker()
    with launch(served, "small", grpc=True) as server:
        assert server.backend == "docker"
        server.wait_available(3)
        assert RestClient(server.rest_url, "small").predict([[0, 0]]) == [[1.0, 1.0]]
        assert there(server.grpc_target).startswith("127.0.0.1:")
        assert 20 < server.rss_megabytes() <= server.peak_rss_megabytes() < 2000
        assert len(containers()) == 1
    assert containers() == []
    with pytest.raises(LaunchError, match="has ended"):
        server.rss_megabytes()


@pytest.mark.slow
@pytest.mark.parametrize("killed", ["client", "us"])
def test_a_container_never_stays_behind(programs, served: Path, killed: str):
    programs.add_docker()
    code = (
        "import os, signal, psutil; from serving.launch import launch;"
        f"server = launch({str(served)!r}, 'small', backend='docker');"
        "client, = [p for p in psutil.Process().children() if 'run' in p.cmdline()];"
        f"(client if {killed == 'client'} else psutil.Process()).kill();"
        "client.wait(); assert not server.alive; server.stop()"
    )
    subprocess.run([sys.executable, "-c", code], check=killed == "client")
    assert eventually_empty()


def eventually_empty(seconds: float = 60) -> bool:
    deadline = time.monotonic() + seconds
    while containers() and time.monotonic() < deadline:
        time.sleep(0.05)
    return containers() == []
