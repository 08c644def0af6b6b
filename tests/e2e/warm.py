"""Python programs that begin in an interpreter which has TensorFlow and TFX imported already.

Of a run in which little is to be done, five CPU seconds of six are imports, the same ones each
time. So one process pays for them and becomes the program at each request: a fork of its own, with
the arguments, folder, environment, streams and exit code of the program, that imports this project
by itself. How a run starts is shown by the tests that start one as a user does.
"""

from __future__ import annotations

import contextlib
import functools
import gc
import importlib
import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TextIO

LIBRARIES = ("tensorflow", "tfx.components")
"""What a run imports, but for a hundred modules of eight thousand."""


class WarmProcess:
    """One program, with what tests use of subprocess.Popen; streams are texts."""

    def __init__(self, status: TextIO, stdout: TextIO, stderr: TextIO) -> None:
        self.pid = int(status.readline())
        self.stdout = stdout
        self.stderr = stderr
        self.returncode: int | None = None
        self._status = status

    def wait(self, timeout: float | None = None) -> int:
        """The exit code; that of a signal is negative.

        Raises:
          subprocess.TimeoutExpired: it goes on.
        """
        if self.returncode is None:
            # Its process id, before, came in a line of its own.
            if not select.select([self._status], [], [], timeout)[0]:
                raise self._goes_on(timeout)
            self.returncode = int(self._status.read())
        return self.returncode

    def poll(self) -> int | None:
        """The same, or None while it goes on."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self.returncode

    def communicate(self, timeout: float | None = None) -> tuple[str, str]:
        """What is left of both streams, after its end.

        Raises:
          subprocess.TimeoutExpired: it goes on.
        """
        said: dict[str, str] = {}

        def read(name: str) -> None:
            said[name] = getattr(self, name).read()

        reading = [
            threading.Thread(target=read, args=[name], daemon=True) for name in ("stdout", "stderr")
        ]
        for each in reading:
            each.start()
        for each in reading:
            each.join(timeout)
        self.wait(timeout)
        if len(said) < len(reading):
            raise self._goes_on(timeout)
        return said["stdout"], said["stderr"]

    def send_signal(self, number: int) -> None:
        """Sends it unless the program has ended."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def _goes_on(self, timeout: float | None) -> subprocess.TimeoutExpired:
        return subprocess.TimeoutExpired(f"warm process {self.pid}", timeout or 0)


@functools.cache
def _server() -> tuple[socket.socket, subprocess.Popen[bytes]]:
    """Our end of what it is asked by, and the process that has imported all; it ends with this."""
    ours, theirs = socket.socketpair()
    with theirs:
        process = subprocess.Popen(
            [sys.executable, __file__, str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
    return ours, process


def run(
    command: Sequence[str | Path], *, cwd: Path, env: Mapping[str, str] = os.environ
) -> subprocess.CompletedProcess[str]:
    """`python COMMAND` in `cwd`, as of subprocess.run with streams that are captured."""
    process = start(command, cwd=cwd, env=env)
    out, err = process.communicate()
    return subprocess.CompletedProcess([*command], process.wait(), out, err)


def start(
    command: Sequence[str | Path],
    *,
    cwd: Path,
    env: Mapping[str, str] = os.environ,
    start_new_session: bool = False,
) -> WarmProcess:
    """Starts `python COMMAND`, a script or -m and a module, and its arguments, in `cwd`.

    Args:
      command: the arguments of Python.
      cwd: its folder.
      env: its environment.
      start_new_session: whether it leads a session and group of its own.
    """
    request = {
        "command": [*map(str, command)],
        "folder": str(cwd),
        "environment": dict(env),
        "new_session": start_new_session,
    }
    asked, asking = os.pipe()
    pipes = [os.pipe() for _ in range(3)]
    theirs = [asked, *(end for _, end in pipes)]
    server, _ = _server()
    socket.send_fds(server, [b"s"], theirs)
    for descriptor in theirs:
        os.close(descriptor)
    with os.fdopen(asking, "w") as file:
        json.dump(request, file)
    return WarmProcess(*(os.fdopen(end) for end, _ in pipes))


def _serve(control: socket.socket) -> dict[str, Any] | None:
    """Forks for each request.

    Returns:
      in a child what it has to become; None when nobody will ask again.
    """
    places = [*sys.path]
    for library in LIBRARIES:
        importlib.import_module(library)
    # IPython adds a folder, in which there is another `tests`.
    sys.path[:] = places
    # Every child would go through it again.
    gc.collect()
    gc.freeze()
    while True:
        told, descriptors, _, _ = socket.recv_fds(control, 1, 4)
        if not told:
            return None
        asked, *theirs = descriptors
        # It waits for the program, and takes no other request.
        keeper = os.fork()
        if not keeper:
            control.close()
            return _keep(asked, *theirs)
        for descriptor in descriptors:
            os.close(descriptor)
        # Those that have ended.
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass


def _keep(asked: int, status: int, output: int, error: int) -> dict[str, Any]:
    """Forks the program, in which it returns, and says which process that is and how it ended."""
    program = os.fork()
    if program:
        for descriptor in (asked, output, error):
            os.close(descriptor)
        os.write(status, f"{program}\n".encode())
        _, ended = os.waitpid(program, 0)
        os.write(status, str(os.waitstatus_to_exitcode(ended)).encode())
        os._exit(0)
    os.close(status)
    for descriptor, stream in ((output, 1), (error, 2)):
        os.dup2(descriptor, stream)
        os.close(descriptor)
    with os.fdopen(asked) as file:
        return json.load(file)


def _become(request: Mapping[str, Any]) -> None:
    """Makes this process what `python COMMAND` would be, and runs the script."""
    if request["new_session"]:
        os.setsid()
    os.chdir(request["folder"])
    os.environ.clear()
    os.environ.update(request["environment"])
    named = request["environment"].get("PYTHONPATH", "").split(os.pathsep)
    script, *arguments = request["command"]
    is_module = script == "-m"
    if is_module:
        script, *arguments = arguments
    folder = os.getcwd() if is_module else os.path.dirname(os.path.abspath(script))
    sys.path[:] = [folder, *filter(None, named), *sys.path[1:]]
    sys.argv[:] = [script, *arguments]
    # What they are depends on the file behind them, which was another one.
    sys.stdout = os.fdopen(1, "w", closefd=False)
    sys.stderr = os.fdopen(2, "w", 1, errors="backslashreplace", closefd=False)
    # Both are drawn or looked up once, by whoever asks first.
    tempfile.tempdir = None
    sys.modules["numpy"].random.seed()
    if is_module:
        runpy.run_module(script, run_name="__main__", alter_sys=True)
    else:
        runpy.run_path(script, run_name="__main__")


if __name__ == "__main__":
    # As a run has it before it imports them.
    os.environ.update({"TF_USE_LEGACY_KERAS": "1", "KERAS_HOME": os.devnull})
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
    os.environ.pop("PYTHONPATH", None)
    wanted = _serve(socket.socket(fileno=int(sys.argv[1])))
    if wanted is not None:
        _become(wanted)
