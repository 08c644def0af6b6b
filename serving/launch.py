"""Starts a model server of one's own on a base path, and ends it for sure."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType

import psutil
from typing_extensions import Self

from serving.client import RestClient, ServingError

_logger = logging.getLogger(__name__)

HOST = "127.0.0.1"
STOP_SECONDS = 10.0
"""Between the request to stop and the kill."""
POLL_SECONDS = 0.05
_REPOSITORY = Path(__file__).resolve().parents[1]
_START_FAILED = "Failed to start server. Error: "
# How absl, inside TensorFlow, begins the lines of a crash report: header, then frames.
_STACK_TRACE = ("***", "PC: @", "@ ")
_LAST_LINES = 3


class LaunchError(RuntimeError):
    """The model server did not start, or did not make the model available."""


class ModelServer:
    """A running model server; leaving its `with` block ends it."""

    backend = "embedded"

    def __init__(
        self,
        process: subprocess.Popen[bytes],
        port: int,
        model_name: str,
        log: Path,
        grpc_target: str | None,
        cleanup: contextlib.ExitStack,
    ) -> None:
        """Takes over a process, and what to clean up after it; `launch` makes one."""
        self._process = process
        self._model_name = model_name
        self._log = log
        self._cleanup = cleanup
        self.rest_url = f"http://{HOST}:{port}"
        self.grpc_target = grpc_target
        """For grpc.insecure_channel; None when the server was started without gRPC."""
        self.pid = process.pid

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def alive(self) -> bool:
        """Whether the process is running."""
        return self._process.poll() is None

    @property
    def last_line(self) -> str:
        """The last thing the server said, stack traces aside; "" when it said nothing."""
        said = [line for line in self._lines() if not line.startswith(_STACK_TRACE)]
        return " ".join(said[-1:])

    def _lines(self) -> list[str]:
        with contextlib.suppress(FileNotFoundError):
            lines = self._log.read_text(errors="replace").splitlines()
            return [line.strip() for line in lines if line.strip()]
        return []

    @property
    def _said(self) -> str:
        """Why the server did not start, in its own words."""
        lines = self._lines()
        reasons = [line for line in lines if line.startswith(_START_FAILED)]
        if reasons:
            return reasons[-1].removeprefix(_START_FAILED)
        return " | ".join(lines[-_LAST_LINES:]) or "nothing"

    def wait_available(self, version: int | None = None, timeout: float = 60.0) -> None:
        """Returns once the version, or any when none is given, is AVAILABLE.

        Raises:
          LaunchError: the server ended, gave the version up, or took longer than `timeout` seconds.
        """
        deadline = time.monotonic() + timeout
        client = RestClient(self.rest_url, self._model_name, timeout=max(timeout, POLL_SECONDS))
        wanted = self._model_name if version is None else f"version {version} of {self._model_name}"
        while True:
            if not self.alive:
                raise LaunchError(
                    f"The model server ended with exit code {self._process.returncode} before"
                    f" {wanted} was available; it said: {self._said}"
                )
            states = []
            with contextlib.suppress(OSError, ServingError):
                states = client.status(version)
            if any(state["state"] == "AVAILABLE" for state in states):
                return
            for state in states:
                error = state["status"].get("error_message")
                if version is not None and state["state"] == "END" and error:
                    raise LaunchError(f"The model server gave up {wanted}: {error}")
            if time.monotonic() > deadline:
                raise LaunchError(
                    f"The model server did not make {wanted} available within {timeout:g} s;"
                    f" it said: {self._said}"
                )
            time.sleep(POLL_SECONDS)

    def peak_rss_megabytes(self) -> float:
        """Peak resident memory so far, in 10^6 bytes; where no peak is kept, what is resident now.

        Raises:
          LaunchError: the server has ended.
        """
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
                if line.startswith("VmHWM:"):  # proc(5): the peak, in KiB
                    return int(line.split()[1]) * 1024 / 1e6
        try:
            return psutil.Process(self.pid).memory_info().rss / 1e6
        except psutil.NoSuchProcess as error:
            raise LaunchError(f"The model server has ended; it said: {self._said}") from error

    def stop(self) -> None:
        """Ends the server: politely, and after ten seconds by force. May be called again."""
        if self.alive:
            self._process.terminate()
            try:
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                _logger.warning("The model server (pid %d) does not stop; killing it.", self.pid)
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(self.pid, signal.SIGKILL)
                self._process.wait()
        self._cleanup.close()


def launch(
    base_path: str | os.PathLike[str],
    model_name: str,
    *,
    env: Mapping[str, str] | None = None,
    log_path: str | os.PathLike[str] | None = None,
    poll_seconds: int = 1,
    load_retries: int = 0,
    grpc: bool = False,
    flags: Sequence[str] = (),
) -> ModelServer:
    """Starts the embedded model server on a free port of this machine.

    For example::

        with launch("workspace/serving/fashion_mnist", "fashion_mnist") as server:
            server.wait_available()
            RestClient(server.rest_url, "fashion_mnist").predict(images)

    The server ends with the `with` block, and also when this process dies.

    Args:
      base_path: folder with the versions, or its address in an object store.
      model_name: the name to serve them under.
      env: environment variables to set for the server beyond those of this process.
      log_path: where its output goes; a temporary file by default, removed with the server.
      poll_seconds: time between the server's looks at the base path.
      load_retries: how often it repeats a failed load, a minute apart.
      grpc: whether it answers gRPC too, on a Unix socket.
      flags: more flags of the server, such as `--enable_batching=true`.

    Raises:
      LaunchError: the process cannot be started.
    """
    with contextlib.ExitStack() as cleanup:
        folder = Path(cleanup.enter_context(tempfile.TemporaryDirectory(prefix="model-server-")))
        log = Path(log_path) if log_path else folder / "server.log"
        # A path of a socket fits 108 bytes (unix(7)), hence a folder of its own for it.
        grpc_socket = folder / "grpc" if grpc else None
        listener = _bound_socket()
        with listener, log.open("ab") as output:
            command = [
                *(sys.executable, "-m", "serving.server"),
                "--port=0",
                *([f"--grpc_socket_path={grpc_socket}"] if grpc_socket else []),
                f"--rest_api_socket={listener.fileno()}",
                "--stop_with_stdin=true",
                f"--model_name={model_name}",
                f"--model_base_path={os.fspath(base_path)}",
                f"--file_system_poll_wait_seconds={poll_seconds}",
                f"--max_num_load_retries={load_retries}",
                *flags,
            ]
            try:
                process = subprocess.Popen(
                    command,
                    stdin=subprocess.PIPE,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    env=_environment(env),
                    pass_fds=[listener.fileno()],
                    start_new_session=True,
                )
            except OSError as error:
                raise LaunchError(f"The model server cannot be started: {error}.") from error
            assert process.stdin is not None  # It is a pipe.
            cleanup.callback(process.stdin.close)
            port = listener.getsockname()[1]
            target = f"unix:{grpc_socket}" if grpc_socket else None
            return ModelServer(process, port, model_name, log, target, cleanup.pop_all())


def _bound_socket() -> socket.socket:
    """A socket on a free port, for the server to inherit.

    A port number alone could be taken by another process before the server opens it. Until the
    server listens on it, connecting is refused.
    """
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((HOST, 0))
    return listener


def _environment(extra: Mapping[str, str] | None) -> dict[str, str]:
    """This process's environment, in which the server finds this very package."""
    paths = [str(_REPOSITORY), os.environ.get("PYTHONPATH", "")]
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(filter(None, paths)),
        **(extra or {}),
    }
