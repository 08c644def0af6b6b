"""How many connections fit beside what else this process keeps open."""

from __future__ import annotations

import contextlib
import os
import resource

_ENOUGH = 65536
_FEWEST = 8


def raise_limit() -> None:
    """Lets this process open as many files and connections as it is allowed to ask for."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _ENOUGH if hard == resource.RLIM_INFINITY else min(hard, _ENOUGH)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def connections_that_fit(wanted: int, shares: int) -> int:
    """How many connections may be open so that models can still be loaded.

    Args:
      wanted: what is asked for.
      shares: among how many the descriptors that are free now are divided.
    """
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return wanted
    return max(min(wanted, (soft - open_now()) // shares), _FEWEST)


def open_now() -> int:
    """How many this process has open; 0 where the system does not tell."""
    for folder in ("/proc/self/fd", "/dev/fd"):
        with contextlib.suppress(OSError):
            return len(os.listdir(folder))
    return 0
