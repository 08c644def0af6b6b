"""The bytes of one object as a file."""

from __future__ import annotations

import io
from typing import Any, Protocol

from serving.objects.store import LARGEST_REQUEST, Found, Store


class Readable(Protocol):
    """As much of a `Store` as it takes to read what was found."""

    def read(self, found: Found, start: int, size: int) -> bytes:
        """As `Store.read`."""


class Content(io.RawIOBase):
    """Reads an object piece by piece; always the same object, also when another takes its place."""

    def __init__(self, store: Readable, found: Found) -> None:
        self._store, self._found, self._at = store, found, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        origin = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._found.size}[whence]
        self._at = max(0, origin + offset)
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: Any) -> int:
        content = self._store.read(self._found, self._at, len(buffer))
        buffer[: len(content)] = content
        self._at += len(content)
        return len(content)


def opened(store: Store, key: str) -> io.BufferedReader:
    """An object, buffered so that small ones cost one request.

    Raises:
      FileNotFoundError: there is none.
    """
    return as_file(store, store.find(key))


def as_file(store: Readable, found: Found) -> io.BufferedReader:
    """The same of an object that was found already."""
    size = max(1, min(found.size, LARGEST_REQUEST))
    return io.BufferedReader(Content(store, found), buffer_size=size)
