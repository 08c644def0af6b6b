"""As a user starts it: in a process of its own, on a real SavedModel."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from serving.__main__ import main
from serving.clients.grpc_client import GrpcClient
from serving.clients.rest_client import RestClient
from tests.serving.programs import REPOSITORY

SECONDS = 60


@contextlib.contextmanager
def serving(*arguments: object) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "serving", "serve", *map(str, arguments)],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def announced(process: subprocess.Popen[str]) -> list[str]:
    """What is printed once the model is available; fewer lines when the process ends before."""
    assert process.stdout is not None
    return [process.stdout.readline().rstrip("\n") for _ in range(4)]


def port_of(line: str) -> int:
    return int(re.findall(r"127\.0\.0\.1:(\d+)", line)[0])


@pytest.fixture
def served(saved_model: Path, tmp_path: Path) -> Path:
    """A base path that containers may read as well."""
    tmp_path.chmod(0o755)
    shutil.copytree(saved_model, tmp_path / "small" / "3")
    return tmp_path / "small"


@pytest.mark.slow
@pytest.mark.parametrize(
    "backend",
    [
        # Both have tests of their own.
        pytest.param("tensorflow_model_server", marks=pytest.mark.extended),
        pytest.param("docker", marks=pytest.mark.extended),
        "embedded",
    ],
)
def test_serves_until_it_is_told_to_end(programs, served: Path, backend: str):
    programs.add_binary()
    programs.add_docker()
    ports = ["--rest-port", 0, "--grpc-port", 0]
    with serving("--base-path", served, "--backend", backend, *ports) as process:
        title, rest, grpc, example = announced(process)
        assert title == f"Serving version 3 of small from {served} ({backend}):"
        port = port_of(rest)
        url = f"http://127.0.0.1:{port}"
        assert RestClient(url, "small").predict([[0, 0]]) == [[1.0, 1.0]]
        with GrpcClient(grpc.split()[1], "small") as client:
            assert client.predict({"s": ["a"]}, "text")["upper"].tolist() == [b"A"]
        assert example == f"Try:  curl {url}/v1/models/small/metadata"
        process.send_signal(signal.SIGTERM)
        assert process.wait(SECONDS) == 0
        socket.create_server(("127.0.0.1", port)).close()
        assert os.listdir(os.environ["STAND_IN_CONTAINERS"]) == []


@pytest.mark.slow
@pytest.mark.extended
def test_takes_the_ports_that_are_asked_for(served: Path):
    with contextlib.ExitStack() as held:
        free = [
            held.enter_context(socket.create_server(("127.0.0.1", 0))).getsockname()[1]
            for _ in range(2)
        ]
    ports = ["--rest-port", free[0], "--grpc-port", free[1]]
    with serving("--base-path", served, "--backend", "embedded", *ports) as process:
        _, rest, grpc, _ = announced(process)
        assert (port_of(rest), port_of(grpc)) == tuple(free)
        with GrpcClient(f"127.0.0.1:{free[1]}", "small") as client:
            assert client.status()[0]["state"] == "AVAILABLE"
        process.send_signal(signal.SIGINT)
        assert process.wait(SECONDS) == 0


@pytest.mark.slow
def test_a_server_that_ends_by_itself_is_an_error(served: Path):
    ports = ["--rest-port", 0, "--grpc-port", 0]
    with serving("--base-path", served, "--backend", "embedded", *ports) as process:
        announced(process)
        [server] = psutil.Process(process.pid).children()
        server.kill()
        _, errors = process.communicate(timeout=SECONDS)
    assert process.returncode == 1
    assert errors.splitlines()[-1] == "The model server ended with exit code -9."


@pytest.mark.medium
@pytest.mark.parametrize("option", ["--rest-port", "--grpc-port"])
def test_a_port_in_use_is_an_error_at_once(
    served: Path, option: str, capsys: pytest.CaptureFixture[str]
):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        ports = {"--rest-port": "0", "--grpc-port": "0", option: str(port)}
        given = [part for each in ports.items() for part in each]
        code = main(["serve", "--base-path", str(served), "--backend", "embedded", *given])
    assert code == 1
    assert capsys.readouterr().err == (
        f"Port {port} of 127.0.0.1 cannot be used (Address already in use); choose another with"
        f" {option}, or 0 for a free one.\n"
    )


@pytest.mark.medium
def test_a_backend_that_is_missing_names_the_fix(
    programs, served: Path, capsys: pytest.CaptureFixture[str]
):
    assert main(["serve", "--base-path", str(served), "--backend", "docker"]) == 1
    assert "no docker on PATH; install Docker" in capsys.readouterr().err


@pytest.mark.medium
def test_nothing_to_serve_names_the_command_that_makes_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    assert main(["serve", "--base-path", str(tmp_path)]) == 1
    assert "holds no version; `make run` makes one" in capsys.readouterr().err
