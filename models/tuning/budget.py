"""How long a search may take, from the start of the command that gave it the time."""

from __future__ import annotations

import time
from collections.abc import Callable

_STARTED = [time.monotonic()]


def begin(clock: Callable[[], float] = time.monotonic) -> None:
    """From here on counts what a search in this process takes."""
    _STARTED[0] = clock()


class TimeUpError(Exception):
    """There is no time left."""


class NoTimeError(RuntimeError):
    """There was no time for anything."""


class Budget:
    """Seconds until a search has to be over."""

    def __init__(
        self, seconds: float, spent: float = 0.0, clock: Callable[[], float] = time.monotonic
    ):
        """`spent` were before, by a process that was killed or a search that now gets more."""
        self.seconds = seconds
        self._clock, self._end = clock, _STARTED[0] + seconds - spent

    @property
    def left(self) -> float:
        """May be negative."""
        return self._end - self._clock()

    def check(self) -> None:
        """Raises TimeUpError when there is no time left."""
        if self.left <= 0:
            raise TimeUpError
