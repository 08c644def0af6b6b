"""Whether this machine can start a model server at all, asked before anything depends on it."""

from __future__ import annotations

import contextlib
import os
import resource
import shutil
import socket
import subprocess
import threading
from pathlib import Path

from serving.backends.children import tell_how_they_end
from serving.backends.errors import LaunchError
from serving.backends.interpreter import clean_environment, module_command
from serving.backends.name import Backend
from serving.backends.place import grpc_port, server_folder, tempdir
from serving.backends.port import HOST, port_of, reserve_port
from serving.backends.shortage import lacking
from serving.launch import choose
from serving.server.descriptors import open_now

FREE_MEGABYTES = 50
"""Room for temporary files that a serving check of a small model needs, rounded up."""
DESCRIPTORS = 128
"""Open files and connections that a model server and its clients need, rounded up."""
_FREE_DESCRIPTORS = 64
"""Of them those that the clients need beside what their process has open."""
_THREADS, _THREADS_OF_A_CORE = 64, 6
"""Started by a model server, its clients and TensorFlow in both, rounded up."""
_ANSWER_SECONDS = 60.0
_CONNECTION_SECONDS = 10.0


def demand_server(backend: Backend) -> None:
    """Returns when a model server could be started now.

    Raises:
      LaunchError: in one sentence, what is missing and what mends it: the backend itself, a folder
        with room for temporary files, a port, a loopback, descriptors, threads, or a Python that
      runs.
    """
    starter = choose(backend)
    tell_how_they_end()
    _demand_room()
    demand_descriptors()
    with contextlib.ExitStack() as cleanup:
        folder = Path(cleanup.enter_context(server_folder()))
        _demand_loopback(cleanup.enter_context(reserve_port()))
        grpc_port(folder, cleanup)
    demand_threads()
    if starter.name == "embedded":
        _demand_python()


def _demand_room() -> None:
    place = tempdir()
    free = shutil.disk_usage(place).free // 2**20
    if free < FREE_MEGABYTES:
        raise LaunchError(
            f"{place} has {free} MB free for temporary files, a model server and its check need"
            f" {FREE_MEGABYTES}; make room, or set TMPDIR to another folder."
        )


def demand_descriptors() -> None:
    """Returns when as many files may be opened as a model server and its clients need.

    Raises:
      LaunchError: in one sentence, how many may, and what mends it.
    """
    limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if limit == resource.RLIM_INFINITY:
        return
    found = open_now()
    if limit < DESCRIPTORS:
        told = f"This shell allows {limit} open files, a model server needs {DESCRIPTORS}"
    elif limit - found < _FREE_DESCRIPTORS:
        told = (
            f"This shell allows {limit} open files, of which {found} are open, and asking a model"
            f" server takes {_FREE_DESCRIPTORS}"
        )
    else:
        return
    raise LaunchError(f"{told}; raise the limit with `ulimit -n 1024`.")


def _demand_loopback(listener: socket.socket) -> None:
    """Connects as a client of a model server does: a port can be had where nobody can be asked."""
    listener.listen()
    try:
        with socket.create_connection((HOST, port_of(listener)), _CONNECTION_SECONDS):
            pass
    except OSError as error:
        mend = lacking(error) or "see to the network and the firewall of this machine"
        raise LaunchError(
            f"No model server on {HOST} could be asked ({error.strerror or error}); {mend}."
        ) from error


def demand_threads() -> None:
    """Returns when as many threads may be started as a model server and its clients need: where
    native code gets none, it ends its process without a word that anybody could read.

    Raises:
      LaunchError: in one sentence, how many may, and what mends it.
    """
    count = _THREADS + _THREADS_OF_A_CORE * (os.cpu_count() or 1)
    over = threading.Event()
    started: list[threading.Thread] = []
    try:
        while len(started) < count:
            thread = threading.Thread(target=over.wait, daemon=True)
            thread.start()
            started.append(thread)
    except RuntimeError as error:
        raise LaunchError(
            f"{len(started)} threads can be started ({error}), and a model server and its check"
            f" need {count}; end other processes, or raise the limit with `ulimit -u`."
        ) from error
    finally:
        over.set()
        for thread in started:
            thread.join()


def _demand_python() -> None:
    try:
        asked = subprocess.run(
            module_command("serving.server", "--version"),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_ANSWER_SECONDS,
            env=clean_environment(),
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise LaunchError(f"The model server cannot be started: {error}.") from error
    if asked.returncode != 0:
        said = (asked.stderr or asked.stdout).strip().splitlines()[-1:]
        raise LaunchError(
            f"The model server cannot be started: {' '.join(said) or 'it says nothing'}; `make"
            " doctor` says what is missing."
        )
