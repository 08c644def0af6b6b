"""This project's own model server, which runs wherever Python does."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from serving.backends.backend import Order
from serving.backends.errors import LaunchError
from serving.backends.name import BackendName
from serving.backends.port import port_of, reserve_port
from serving.backends.process import ServerProcess

_REPOSITORY = Path(__file__).resolve().parents[2]


class Embedded:
    """`python -m serving.server`."""

    name: BackendName = "embedded"

    def missing(self) -> str | None:
        """Never: it comes with this package."""
        return None

    def start(self, order: Order, cleanup: contextlib.ExitStack) -> ServerProcess:
        """As Backend says."""
        with reserve_port(order.rest_port) as listener:
            command = [
                *(sys.executable, "-m", "serving.server"),
                f"--port={order.grpc_port}",
                *([f"--grpc_socket_path={order.grpc_socket}"] if order.grpc else []),
                f"--rest_api_socket={listener.fileno()}",
                "--stop_with_stdin=true",
                f"--model_name={order.model_name}",
                f"--model_base_path={order.base_path}",
                *order.flags,
            ]
            try:
                process = subprocess.Popen(
                    command,
                    stdin=subprocess.PIPE,
                    stdout=order.output,
                    stderr=subprocess.STDOUT,
                    env=_environment(order.env),
                    pass_fds=[listener.fileno()],
                    start_new_session=True,
                )
            except OSError as error:
                raise LaunchError(f"The model server cannot be started: {error}.") from error
            port = port_of(listener)
        assert process.stdin is not None  # It is a pipe.
        cleanup.callback(process.stdin.close)
        return ServerProcess(process, port, order.grpc_target)


def _environment(extra: Mapping[str, str]) -> dict[str, str]:
    """This process's environment, in which the server finds this very package."""
    paths = [str(_REPOSITORY), os.environ.get("PYTHONPATH", "")]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths)), **extra}
