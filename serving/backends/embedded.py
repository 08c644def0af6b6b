"""This project's own model server, which runs wherever Python does."""

from __future__ import annotations

import contextlib
import subprocess

from serving.backends.backend import Order
from serving.backends.errors import LaunchError
from serving.backends.interpreter import clean_environment, module_command
from serving.backends.name import BackendName
from serving.backends.port import port_of, reserve_port
from serving.backends.process import ServerProcess


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
                *module_command("serving.server"),
                f"--port={order.grpc_port if order.grpc else 0}",
                *([f"--grpc_socket_path={order.grpc_socket}"] if order.grpc_socket else []),
                f"--rest_api_socket={listener.fileno()}",
                "--stop_with_stdin=true",
                f"--model_name={order.model_name}",
                f"--model_base_path={order.base_path}",
                *order.flags,
                # Less than the whole seconds that the flag of all servers takes.
                *(
                    [f"--file_system_poll_wait_millis={round(order.poll_seconds * 1e3)}"]
                    if order.poll_seconds < 1
                    else []
                ),
            ]
            try:
                process = subprocess.Popen(
                    command,
                    stdin=subprocess.PIPE,
                    stdout=order.output,
                    stderr=subprocess.STDOUT,
                    env=clean_environment(order.env),
                    pass_fds=[listener.fileno()],
                    start_new_session=True,
                )
            except OSError as error:
                raise LaunchError(f"The model server cannot be started: {error}.") from error
            port = port_of(listener)
        assert process.stdin is not None  # It is a pipe.
        cleanup.callback(process.stdin.close)
        return ServerProcess(process, port, order.grpc_target)
