"""The one way in which documents are written: whole or not at all."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Callable

from documents.document import Document
from documents.regular_file import demand_no_device

Writing = Callable[[str, bytes], object]
"""Puts bytes at a path or address, or raises OSError."""

UNFINISHED = ".unfinished-"
"""What a file is called that nobody should read."""


def write(document: Document, path: str, writing: Writing | None = None) -> None:
    """Writes a document for `documents.reader.read`.

    Args:
      document: what to write; the keys that were given, and its format.
      path: of the file, in a folder that exists; or its address where `writing` knows addresses.
      writing: puts the bytes there; by default `replace`.

    Raises:
      OSError: it cannot be written; what was there before still is.
    """
    (writing or replace)(path, document.encode())


def replace(path: str, content: bytes, scratch: str | None = None) -> None:
    """Puts `content` at a path of this machine in one step, through to the disk.

    Args:
      path: in a folder that exists.
      content: of the file.
      scratch: another name on the same disk, for a folder in which no strange file may be seen.

    Raises:
      OSError: it cannot be written; what was there before still is. NotRegularError where that is
        a device: root, who writes to /dev/null, would be left without one.
    """
    demand_no_device(path)
    folder, name = os.path.split(path)
    unfinished = scratch or os.path.join(folder, f"{UNFINISHED}{name}-{secrets.token_hex(4)}")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
    try:
        with os.fdopen(os.open(unfinished, flags, 0o666), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(unfinished, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.remove(unfinished)
        raise
