"""TensorFlow Serving's own binary, where it is installed."""

from __future__ import annotations

import contextlib
import shutil
import subprocess

from serving.backends.backend import Order
from serving.backends.errors import LaunchError
from serving.backends.guard import guard
from serving.backends.interpreter import clean_environment
from serving.backends.name import BackendName
from serving.backends.place import SOCKET
from serving.backends.port import port_of, reserve_port
from serving.backends.process import ServerProcess

PROGRAM = "tensorflow_model_server"
VERSION_SECONDS = 20.0


class Binary:
    """`tensorflow_model_server` on PATH."""

    name: BackendName = "tensorflow_model_server"

    def missing(self) -> str | None:
        """Tries it, because a binary can be there and lack an instruction of this processor."""
        program = shutil.which(PROGRAM)
        if program is None:
            return f"There is no {PROGRAM} on PATH; install TensorFlow Serving's package."
        try:
            answer = subprocess.run(
                [program, "--version"],
                capture_output=True,
                text=True,
                errors="replace",
                timeout=VERSION_SECONDS,
                env=clean_environment(),
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            return f"{program} does not run here ({error}); install a build for this machine."
        if answer.returncode != 0:
            said = " ".join((answer.stderr or answer.stdout).split()[-20:])
            return (
                f"{program} does not run here (exit code {answer.returncode}: {said or 'silent'});"
                " install a build for this machine."
            )
        return None

    def start(self, order: Order, cleanup: contextlib.ExitStack) -> ServerProcess:
        """As Backend says. Like every such server it listens on all of the machine's addresses."""
        reserved = cleanup.enter_context(reserve_port(order.rest_port))
        # Without a port it wants a socket (model_servers/server.cc), asked for or not.
        command = [
            PROGRAM,
            f"--port={order.grpc_port}",
            *([] if order.grpc_port else [f"--grpc_socket_path={order.folder / SOCKET}"]),
            f"--rest_api_port={port_of(reserved)}",
            f"--model_name={order.model_name}",
            f"--model_base_path={order.base_path}",
            *order.flags,
        ]
        try:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=order.output,
                stderr=subprocess.STDOUT,
                # What it logs at level 0 tells whether it got as far as to load the model.
                env=clean_environment({"TF_CPP_MIN_LOG_LEVEL": "0", **order.env}),
                start_new_session=True,
            )
        except OSError as error:
            raise LaunchError(f"{PROGRAM} cannot be started: {error}.") from error
        guard(["kill", "-KILL", str(process.pid)], cleanup)
        return ServerProcess(process, port_of(reserved), order.grpc_target)
