"""Which process holds ROOT: `.run.pid`, its number and the machine that it runs on."""

from __future__ import annotations

import os
import socket
from pathlib import Path

_BOOT = Path("/proc/sys/kernel/random/boot_id")
_LARGEST = 1000


def write_holder(path: Path) -> None:
    """Puts this process down.

    Raises:
      OSError: the file cannot be written.
    """
    path.write_text(f"{os.getpid()}\n{socket.gethostname()}\n{boot_id()}\n")


def holder_pid(path: Path) -> str | None:
    """The number of the process, as text; None when nobody was put down."""
    lines = _lines(path)
    return lines[0] if lines and lines[0] else None


def is_of_this_machine(path: Path) -> bool:
    """Whether a lock that is free here means that the process which was put down has gone.

    Containers of one machine share its kernel, and with it locks and the number of its start, but
    no names; after a new start only the name is the same. Nobody put down is nobody elsewhere.
    """
    lines = _lines(path)
    if len(lines) < 3:
        return True
    _, host, boot = lines[:3]
    return host == socket.gethostname() or (bool(boot) and boot == boot_id())


def _lines(path: Path) -> list[str]:
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            return file.read(_LARGEST).splitlines()
    except OSError:
        return []


def boot_id() -> str:
    """Other at each start of the machine; empty where the kernel has none, as on a Mac."""
    try:
        return _BOOT.read_text().strip()
    except OSError:
        return ""
