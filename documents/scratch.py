"""Hidden folders in which things are made before they are there; those of dead processes go."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from documents.writer import UNFINISHED


@contextlib.contextmanager
def scratch(target: Path) -> Iterator[Path]:
    """A new folder in `target`, gone at the end; what dead processes left there goes first.

    A folder whose maker lives is locked, so that one of another process at work stays.
    """
    with _locked(target):
        for left in target.glob(f"{UNFINISHED}*"):
            if left.is_dir() and not left.is_symlink() and _is_free(left):
                shutil.rmtree(left, ignore_errors=True)
        folder = Path(tempfile.mkdtemp(prefix=UNFINISHED, dir=target))
        held = _open(folder)
        fcntl.flock(held, fcntl.LOCK_EX)
    try:
        yield folder
    finally:
        os.close(held)
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    descriptor = _open(folder)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _is_free(folder: Path) -> bool:
    descriptor = _open(folder)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(descriptor)
    return True


def _open(folder: Path) -> int:
    return os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
