"""Keeps a log from growing with what it has said already."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from documents.terminal.counted import counted

_QUIET_SECONDS = 60.0
_MOST_MESSAGES = 1000
_LONGEST_MESSAGE = 2000


class Repeats(logging.Filter):
    """Lets a warning or an error pass once a minute, with the number of times it was held back.

    What a base path lacks is found with every look, and a client can cause the same error thousands
    of times.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Counts in seconds of `clock`, which never goes back."""
        super().__init__()
        self._clock = clock
        self._said: dict[str, tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        if record.levelno < logging.WARNING:
            return True
        text = record.getMessage()[:_LONGEST_MESSAGE]
        key = f"{record.name} {record.levelname} {text}"
        now = self._clock()
        since, held_back = self._said.get(key, (now - _QUIET_SECONDS, 0))
        if now - since < _QUIET_SECONDS:
            self._said[key] = (since, held_back + 1)
            return False
        self._said.pop(key, None)
        if len(self._said) >= _MOST_MESSAGES:
            del self._said[next(iter(self._said))]
        self._said[key] = (now, 0)
        if held_back:
            text = f"{text} (and {counted(held_back, 'time')} more since it was last said)"
        record.msg, record.args = text, ()
        return True
