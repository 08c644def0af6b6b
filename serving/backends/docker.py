"""TensorFlow Serving's Docker image, where Docker runs and has it."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import stat
import subprocess
import time
from typing import Any

from serving.backends.backend import Order
from serving.backends.errors import LaunchError
from serving.backends.guard import guard
from serving.backends.name import BackendName
from serving.backends.port import HOST
from serving.backends.process import Memory, ServerProcess, parse_status

IMAGE = "tensorflow/serving"
PROGRAM = "tensorflow_model_server"
GRPC_PORT, REST_PORT = 8500, 8501
"""Inside the container."""
ANSWER_SECONDS = 20.0
"""How long the Docker daemon may take to answer."""
START_SECONDS = 60.0
"""How long it may take to start a container."""
_POLL_SECONDS = 0.1
_NOBODY = 65534


class Docker:
    """A container of `tensorflow/serving`: nothing is pulled, written or open to the network."""

    name: BackendName = "docker"

    def missing(self) -> str | None:
        """Asks the daemon for the image, which it never pulls by itself."""
        if shutil.which("docker") is None:
            return "There is no docker on PATH; install Docker."
        try:
            answer = _docker("image", "inspect", IMAGE)
        except (OSError, subprocess.TimeoutExpired) as error:
            return f"Docker does not answer ({error}); start its daemon."
        if answer.returncode == 0:
            return None
        said = " ".join(answer.stderr.split())
        if "no such image" in said.lower():
            return f"Docker has no image {IMAGE}; get it with `docker pull {IMAGE}`."
        return f"Docker does not answer ({said}); start its daemon, or be allowed to use it."

    def start(self, order: Order, cleanup: contextlib.ExitStack) -> ServerProcess:
        """As Backend says; Docker chooses the ports that are to be free ones."""
        name = f"model-server-{secrets.token_hex(6)}"
        # Before the container, which may exist as soon as the client runs.
        guard(["docker", "rm", "--force", name], cleanup)
        try:
            client = subprocess.Popen(
                ["docker", *_run_arguments(name, order)],
                stdin=subprocess.DEVNULL,
                stdout=order.output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        except OSError as error:
            raise LaunchError(f"Docker cannot be started: {error}.") from error
        container = Container(client, name)
        try:
            container.find(grpc=order.grpc)
        except BaseException:
            container.stop(0)
            raise
        return container


class Container(ServerProcess):
    """A model server in a container; the child is Docker's client, which ends with it."""

    def __init__(self, client: subprocess.Popen[bytes], name: str) -> None:
        super().__init__(client, port=0, grpc_target=None)
        self._name = name
        self._pid = client.pid

    @property
    def pid(self) -> int:
        """Of the server; on this machine, or in the virtual machine that Docker runs in."""
        return self._pid

    def find(self, *, grpc: bool) -> None:
        """Waits until the container runs, and learns its ports; or until it has ended already.

        Raises:
          LaunchError: neither happens in time.
        """
        deadline = time.monotonic() + START_SECONDS
        while self.returncode is None:
            with contextlib.suppress(subprocess.TimeoutExpired, LookupError, ValueError):
                [found] = json.loads(_docker("container", "inspect", self._name).stdout)
                self._pid = int(found["State"]["Pid"]) or self._pid
                self.port = _host_port(found, REST_PORT)
                if grpc:
                    self.grpc_target = f"{HOST}:{_host_port(found, GRPC_PORT)}"
                return
            if time.monotonic() > deadline:
                raise LaunchError(
                    f"Docker did not start a container of {IMAGE} within {START_SECONDS:g} s;"
                    " see `docker info`."
                )
            time.sleep(_POLL_SECONDS)

    def memory(self) -> Memory | None:
        """As ServerProcess; asked inside the container, where the server is process 1."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            answer = _docker("exec", self._name, "cat", "/proc/1/status")
            return parse_status(answer.stdout)
        return None

    def stop(self, seconds: float) -> None:
        """Removes the container by force: process 1 does not hear SIGTERM unless it asked to.

        Twice, as the client may have been about to create it.
        """
        self._remove()
        super().stop(seconds)
        self._remove()

    def _remove(self) -> None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            _docker("rm", "--force", self._name)


def _run_arguments(name: str, order: Order) -> list[str]:
    base_path = order.base_path.removeprefix("file://")
    mount: list[str] = []
    served = base_path
    if "://" not in base_path:
        source = os.path.abspath(base_path)
        served = f"/models/{order.model_name}"
        mount = ["--mount", f"type=bind,source={source},target={served},readonly"]
    return [
        *("run", "--rm", "--pull=never", f"--name={name}"),
        *(f"--user={_user(base_path)}", "--cap-drop=ALL", "--security-opt=no-new-privileges"),
        *("--read-only", "--tmpfs=/tmp"),
        *mount,
        f"--publish={HOST}:{order.rest_port or ''}:{REST_PORT}",
        *([f"--publish={HOST}:{order.grpc_port or ''}:{GRPC_PORT}"] if order.grpc else []),
        *(f"--env={key}={value}" for key, value in order.env.items()),
        # The image's own entry point is a shell that would stand between.
        f"--entrypoint={PROGRAM}",
        IMAGE,
        f"--port={GRPC_PORT}",
        f"--rest_api_port={REST_PORT}",
        f"--model_name={order.model_name}",
        f"--model_base_path={served}",
        *order.flags,
    ]


def _user(base_path: str) -> str:
    """This user, who may read the base path; nobody when that is root.

    Raises:
      LaunchError: nobody may not read the base path.
    """
    if os.getuid() != 0:
        return f"{os.getuid()}:{os.getgid()}"
    if os.path.isdir(base_path):
        needed = stat.S_IROTH | stat.S_IXOTH
        if os.stat(base_path).st_mode & needed != needed:
            raise LaunchError(
                f"A container does not run as root, and others may not read {base_path};"
                f" allow it with `chmod o+rx {base_path}`, or start as another user."
            )
    return f"{_NOBODY}:{_NOBODY}"


def _host_port(container: dict[str, Any], port: int) -> int:
    return int(container["NetworkSettings"]["Ports"][f"{port}/tcp"][0]["HostPort"])


def _docker(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["docker", *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=ANSWER_SECONDS,
        check=False,
    )
