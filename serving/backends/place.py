"""Where a model server's log and its Unix socket go."""

from __future__ import annotations

import contextlib
import os
import socket
import tempfile
from pathlib import Path

from serving.backends.errors import LaunchError
from serving.backends.port import port_of, reserve_port

PREFIX = "model-server-"
SOCKET = "grpc"
LONGEST_SOCKET = 100
"""Bytes of a path that fit on every system: 108 with the final zero on Linux, 104 on macOS
(unix(7))."""
_OF_ADDRESSES = "%#?,"
"""Signs that gRPC takes for its own in `unix:PATH`, an address with queries and escapes; a comma it
reads as the end even where it is escaped."""
_SHORT_PLACES = ("/tmp", "/var/tmp", "/dev/shm")


def server_folder() -> tempfile.TemporaryDirectory[str]:
    """A folder of its own for a server, with a path that a Unix socket in it can have if possible.

    Raises:
      LaunchError: no folder for temporary files can be written.
    """
    last: Exception | None = None
    for place in _places():
        try:
            return tempfile.TemporaryDirectory(prefix=PREFIX, dir=place)
        except OSError as error:
            last = error
    raise LaunchError(
        f"No folder for temporary files can be written ({last}); make room in {tempdir()}, or set"
        " TMPDIR to a folder that can."
    )


def tempdir() -> str:
    """Where temporary files go, as TMPDIR says; that of the system where Python finds none."""
    with contextlib.suppress(FileNotFoundError):
        return tempfile.gettempdir()
    return os.environ.get("TMPDIR", _SHORT_PLACES[0])


def takes_socket(folder: Path) -> bool:
    """Whether a Unix socket can be opened in `folder`: the path may be too long or hold signs of an
    address, or the file system know none."""
    path = folder / SOCKET
    if not _is_address(str(path)):
        return False
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
            probe.bind(str(path))
        path.unlink()
    except OSError:
        return False
    return True


def grpc_port(folder: Path, cleanup: contextlib.ExitStack) -> int:
    """The port for gRPC where no socket can be opened in `folder`, reserved; 0 where one can."""
    if takes_socket(folder):
        return 0
    return port_of(cleanup.enter_context(reserve_port()))


def _places() -> list[str]:
    """Folders to try, the usual one first unless no socket's path begins with it."""
    usual = tempdir()
    # mkdtemp appends eight characters.
    is_address = _is_address(os.path.join(usual, f"{PREFIX}12345678", SOCKET))
    others = [place for place in _SHORT_PLACES if place != usual]
    return [usual, *others] if is_address else [*others, usual]


def _is_address(path: str) -> bool:
    """Whether gRPC can be told to listen at `path`."""
    return len(os.fsencode(path)) <= LONGEST_SOCKET and not set(path) & set(_OF_ADDRESSES)
