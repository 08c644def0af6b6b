"""Folders of outputs, `<node>/<output>/<execution>`, below a pipeline root here or in a bucket."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from serving.base_path import storage

_AT_ONCE = 8
"""An object store answers in some 50 ms, and there are some 30 folders of outputs."""


def numbered(root: str) -> dict[int, str]:
    """A folder of each execution that left one below `root`, by number.

    Raises:
      OSError: the object store does not answer.
    """
    return {
        int(name): folder
        for folder in _folders(root)
        if (name := os.path.basename(folder)).isascii() and name.isdecimal() and len(name) < 19
    }


def remove(root: str, executions: Iterable[int]) -> None:
    """Removes the outputs of these executions.

    Raises:
      OSError: the object store does not answer, or a folder here cannot be removed.
    """
    names = {str(execution) for execution in executions}
    if not names:
        return
    for folder in _folders(root):
        if os.path.basename(folder) in names:
            storage.remove(folder)
            if storage.exists(folder):
                raise PermissionError(f"{folder} cannot be removed")


def _folders(root: str) -> Iterator[str]:
    if not storage.is_remote(root):
        yield from map(str, Path(root).glob("*/*/*"))
        return
    found = [root.rstrip("/")]
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        for _ in range(3):
            found = [path for below in threads.map(_below, found) for path in below]
    yield from found


def _below(folder: str) -> list[str]:
    try:
        return [f"{folder}/{name}" for name in storage.children(folder)]
    except FileNotFoundError:
        return []
