"""How many nodes run at once where nobody says: by processors and memory."""

from __future__ import annotations

import contextlib
import os
import re
from pathlib import Path

BYTES_EACH = 2 * 2**30
"""What a node is given room for: the largest, beside its model server, takes two thirds of it."""
_CONTROL_GROUP = Path("/sys/fs/cgroup")
_MEMORY = Path("/proc/meminfo")


def default_jobs() -> int:
    """One for each processor, as far as there is memory for them; 1 where nobody can tell."""
    return jobs_for(_processors(), _free_bytes())


def jobs_for(processors: int, free_bytes: int | None) -> int:
    """One for each processor, and never more than there is room for."""
    if free_bytes is None:
        return 1
    return max(1, min(processors, free_bytes // BYTES_EACH))


def _processors() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _free_bytes() -> int | None:
    """Of the machine, or of the container where that has less; None where Linux does not tell."""
    found = []
    with contextlib.suppress(OSError):
        if line := re.search(r"^MemAvailable:\s+(\d+) kB$", _MEMORY.read_text(), re.MULTILINE):
            found.append(int(line[1]) * 1024)
    # Without a limit the file says "max".
    with contextlib.suppress(OSError, ValueError):
        limit = int((_CONTROL_GROUP / "memory.max").read_text())
        found.append(limit - int((_CONTROL_GROUP / "memory.current").read_text()))
    return min(found, default=None)
