"""Gives memory back to the system that glibc would keep for the thread that had it."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import threading
from collections.abc import Callable

LARGE_BYTES = 1 << 20
"""Requests of this size are worth a trim when they are done."""
HUGE_BYTES = 4 << 20
"""Requests of this size are worth a trim while they are answered, too."""
_DELAY_SECONDS = 0.25

_malloc_trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
_lock = threading.Lock()
_due = False
_releases: list[Callable[[], None]] = []


def trim() -> None:
    """Gives back what is free (malloc_trim(3)); elsewhere than on glibc, nothing happens."""
    if _malloc_trim is not None:
        _malloc_trim(0)


def drop(body: bytes | bytearray) -> None:
    """Empties what was read, if it can be emptied; after much of it, gives back what became free.

    A large request passes through many hands, all of which would hold its bytes until it is done.
    """
    size = len(body)
    if isinstance(body, bytearray):
        with contextlib.suppress(BufferError):  # Somebody still looks at it.
            body.clear()
    if size >= HUGE_BYTES:
        trim()


def before_trim(release: Callable[[], None]) -> None:
    """Adds what has others give back what they hold, before a trim after a large request."""
    _releases.append(release)


def collect_and_trim() -> None:
    """Gives back what unloaded models left; cheap, as the heap of the libraries is frozen."""
    gc.collect()
    trim()


def trim_soon() -> None:
    """Trims once the request that asks for it is gone, for all that ask in the meantime."""
    global _due
    with _lock:
        if _due:
            return
        _due = True
    timer = threading.Timer(_DELAY_SECONDS, _trim_now)
    timer.daemon = True
    timer.start()


def _trim_now() -> None:
    global _due
    with _lock:
        _due = False
    for release in _releases:
        release()
    collect_and_trim()
