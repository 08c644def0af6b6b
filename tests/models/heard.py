"""What a logger says while a fixture works that several tests share: pytest's own `caplog` is there
for one test only."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator


@contextlib.contextmanager
def heard(name: str) -> Iterator[list[str]]:
    """Gives a list to which each message of the logger, from INFO on, is added inside."""
    messages: list[str] = []

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            messages.append(record.getMessage())

    listener, logger = Listener(logging.INFO), logging.getLogger(name)
    level = logger.level
    logger.setLevel(logging.INFO)
    logger.addHandler(listener)
    try:
        yield messages
    finally:
        logger.removeHandler(listener)
        logger.setLevel(level)
