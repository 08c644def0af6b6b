"""Repeats what an object store fails to do, with longer and longer waits between."""

from __future__ import annotations

import errno
import random
import time
from collections.abc import Callable, Sequence
from typing import IO, TypeVar

from documents.terminal.counted import counted
from serving.objects.store import ANY, ChangedError, Found, Store, StoreError, TransientError

WAITS: tuple[float, ...] = (0.5, 1, 2, 4, 8)
"""Seconds before each further attempt; by chance as little as half of it, so that those who were
refused together do not come back together."""

LONGEST_SECONDS = 100.0
"""After which no further attempt is begun: a store that takes requests and never answers would be
asked for six minutes, one that cannot be connected to is given up after this."""

_CHUNK = 1 << 20

T = TypeVar("T")


class PatientStore:
    """A store whose every call is repeated while that may help.

    Raises StoreError in the end, which names the last thing that was met.
    """

    def __init__(self, store: Store, waits: Sequence[float] | None = None) -> None:
        """Takes what is asked, and for how long; WAITS without a word."""
        self._store = store
        self._waits = waits

    def names(self, prefix: str) -> Sequence[str]:
        return self._repeat(lambda: self._store.names(prefix))

    def objects(self, prefix: str) -> Sequence[Found]:
        return self._repeat(lambda: self._store.objects(prefix))

    def find(self, key: str) -> Found:
        return self._repeat(lambda: self._store.find(key))

    def read(self, found: Found, start: int, size: int) -> bytes:
        return self._repeat(lambda: self._store.read(found, start, size))

    def put(self, key: str, content: IO[bytes], size: int, condition: str | None) -> str:
        """As `Store.put`.

        An attempt may have been made although its answer was lost. The next one then finds its
        condition broken by ourselves, which is a success.
        """
        begin, repeated = content.tell(), False

        def attempt() -> str:
            nonlocal repeated
            content.seek(begin)
            try:
                return self._store.put(key, content, size, condition)
            except ChangedError:
                if not repeated or condition is ANY:
                    raise
                content.seek(begin)
                tag = self._same(key, content, size)
                if tag is None:
                    raise
                return tag
            finally:
                repeated = True

        return self._repeat(attempt)

    def copy(self, key: str, target: str) -> None:
        self._repeat(lambda: self._store.copy(key, target))

    def remove(self, key: str) -> None:
        self._repeat(lambda: self._store.remove(key))

    def _same(self, key: str, content: IO[bytes], size: int) -> str | None:
        """The tag of an object if it holds `content`; else None."""
        try:
            found = self._store.find(key)
            if found.size != size:
                return None
            for start in range(0, size, _CHUNK):
                if self._store.read(found, start, _CHUNK) != content.read(_CHUNK):
                    return None
        except FileNotFoundError:
            return None
        return found.tag

    def _repeat(self, attempt: Callable[[], T]) -> T:
        began, failed = time.monotonic(), 0
        waits = WAITS if self._waits is None else self._waits
        while True:
            try:
                return attempt()
            except TransientError as error:
                failed += 1
                took = time.monotonic() - began
                if failed > len(waits) or took > LONGEST_SECONDS:
                    raise StoreError(
                        errno.EIO,
                        f"the store failed {counted(failed, 'time')} in {took:.0f} s, "
                        f"at last with {error.strerror}; run the same again when it is well",
                    ) from error
                time.sleep(waits[failed - 1] * random.uniform(0.5, 1))
