"""Opens nothing but regular files: a FIFO waits for ever, a device has no end."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Iterator
from typing import IO

_KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a FIFO"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


class NotRegularError(OSError):
    """What lies there is no regular file; its `strerror` reads `is a FIFO, not a file`."""


@contextlib.contextmanager
def regular_file(path: str | os.PathLike[str]) -> Iterator[IO[bytes]]:
    """Opens a regular file to read its bytes; links are followed.

    Raises:
      NotRegularError: it is a folder, a FIFO, a socket or a device.
      OSError: it is missing (FileNotFoundError) or may not be read.
    """
    descriptor = open_regular(path, os.O_RDONLY)
    with os.fdopen(descriptor, "rb") as file:
        yield file


def open_regular(path: str | os.PathLike[str], flags: int, mode: int = 0o666) -> int:
    """`os.open` that neither waits for whoever holds the other end of a FIFO nor stirs a device.

    Raises:
      NotRegularError: it is a folder, a FIFO, a socket or a device.
      OSError: as `os.open`; FileNotFoundError also for a path that no file can have.
    """
    name = os.fspath(path)
    try:
        # Before as well: to open a tape drive rewinds it.
        with contextlib.suppress(FileNotFoundError):
            _demand_regular(name, os.stat(name).st_mode)
        descriptor = os.open(name, flags | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY, mode)
    except ValueError as error:  # a NUL, or a lone surrogate
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), name) from error
    try:
        _demand_regular(name, os.fstat(descriptor).st_mode)
    except NotRegularError:
        os.close(descriptor)
        raise
    return descriptor


def demand_no_device(path: str | os.PathLike[str]) -> None:
    """Refuses a place that another file may not take: a device, by links too.

    Raises:
      NotRegularError: one lies there.
    """
    try:
        mode = os.stat(path).st_mode
    except (OSError, ValueError):
        return  # Nothing is there, or a link that leads nowhere, which alone is replaced.
    if stat.S_ISCHR(mode) or stat.S_ISBLK(mode):
        _demand_regular(os.fspath(path), mode)


def _demand_regular(path: str, mode: int) -> None:
    if not stat.S_ISREG(mode):
        kind = next((kind for is_kind, kind in _KINDS if is_kind(mode)), "something else")
        raise NotRegularError(errno.EINVAL, f"is {kind}, not a file", path)
