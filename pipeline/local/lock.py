"""One run per ROOT at a time."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import filelock

from documents.holder import holder_pid, write_holder
from documents.workspace import Workspace

_PATIENCE = 0.3
"""Seconds: as long as inspection/files/workspace.py holds ROOT when asked whether a run does."""


class RunLockedError(RuntimeError):
    """Another run holds ROOT; the message names its process."""


@contextlib.contextmanager
def run_lock(root: Path) -> Iterator[None]:
    """Holds ROOT for this process.

    The operating system drops the lock with its holder, however that ends, so a stale one is
    simply taken over. The pid lies in a file of its own: opening the lock file truncates it.

    Raises:
      RunLockedError: another process runs the pipeline in `root`.
    """
    pid_file = Workspace(root).pid
    try:
        lock = filelock.FileLock(Workspace(root).lock, timeout=_PATIENCE).acquire()
    except filelock.Timeout as error:
        pid = holder_pid(pid_file) or "unknown"
        raise RunLockedError(
            f"Another run (pid {pid}) is using {root}; wait for it, or give this one a folder of "
            "its own with --root."
        ) from error
    with lock:
        write_holder(pid_file)
        try:
            yield
        finally:
            pid_file.unlink(missing_ok=True)
