"""Where records of CSV begin and end: lines, but for those inside quotes. Pure.

A quote opens only where a cell begins, so `5" disk` is text. One that is never closed takes its
line and no more: what follows is read again as records.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from typing import NamedTuple

LONGEST = 1 << 20
"""Bytes of a record over several lines, after which its quote counts as never closed."""


class Record(NamedTuple):
    """One record, with its line end."""

    content: bytes
    lines: int
    is_closed: bool
    """False for a line with a quote that is never closed."""


class Splitter:
    """Joins lines to records."""

    def __init__(self, delimiter: bytes, quote: bytes | None, comment: bytes | None = None):
        """`comment`: what lines begin with in which no quote opens."""
        self._quote = quote
        self._comment = comment
        self._opening = delimiter + (quote or b"")

    def split(self, lines: Iterable[bytes]) -> Iterator[Record]:
        """The records of the lines of a file, or of some that begin where a record does."""
        quote = self._quote
        source = iter(lines)
        if quote is None:
            for line in source:
                yield Record(line, 1, True)
            return
        again: deque[bytes] = deque()
        while True:
            line = again.popleft() if again else next(source, b"")
            if not line:
                return
            is_comment = self._comment is not None and line.startswith(self._comment)
            if quote not in line or is_comment or not self._is_open(line, False):
                yield Record(line, 1, True)
                continue
            held, length, is_open = [line], len(line), True
            while is_open and length <= LONGEST:
                line = again.popleft() if again else next(source, b"")
                if not line:
                    break
                held.append(line)
                length += len(line)
                is_open = self._is_open(line, True)
            if is_open:
                again.extendleft(reversed(held[1:]))
                yield Record(held[0], 1, False)
            else:
                yield Record(b"".join(held), len(held), True)

    def _is_open(self, line: bytes, is_open: bool) -> bool:
        """Whether a quote is open after `line`, if one was before it."""
        at = 0
        while True:
            if is_open:
                found = self._closing_at(line, at)
                if found < 0:
                    return True
                at, is_open = found, False
            if at == 0 and line.startswith(self._quote or b""):
                at = len(self._quote or b"")
            elif (opening := line.find(self._opening, at)) >= 0:
                at = opening + len(self._opening)
            else:
                return False
            is_open = True

    def _closing_at(self, line: bytes, at: int) -> int:
        """The place behind the quote that closes, where one is open at `at`; -1 for none."""
        assert self._quote
        while (found := line.find(self._quote, at)) >= 0:
            if line[found + 1 : found + 2] != self._quote:
                return found + 1
            at = found + 2
        return -1
