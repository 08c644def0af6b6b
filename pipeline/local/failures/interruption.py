"""Ctrl-C and its relatives: what a run was doing is written down before its process ends."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Any

from typing_extensions import Self

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_FIRST_CODE = 128
"""A shell's exit code for a process that a signal ended is this much more than the signal."""


class Interruption:
    """For the length of a `with` block these signals raise KeyboardInterrupt in the main thread.

    Libraries catch that, or raise something else in its place; `came` knows it all the same. Only
    the first signal raises, so that nothing interrupts the writing down.
    """

    def __init__(self) -> None:
        self._number: int | None = None
        self._former: dict[int, Callable[..., Any] | int | None] = {}

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            for number in SIGNALS:
                # Who started this with nohup does not want it to end with the terminal.
                if signal.getsignal(number) is not signal.SIG_IGN:
                    self._former[number] = signal.signal(number, self._take)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for number, handler in self._former.items():
            signal.signal(number, handler)

    @property
    def came(self) -> bool:
        """Whether one of the signals has come."""
        return self._number is not None

    @property
    def exit_code(self) -> int:
        """What a shell says of a process that the signal ended: 130 for Ctrl-C."""
        return _FIRST_CODE + (self._number or signal.SIGINT)

    def _take(self, number: int, frame: FrameType | None) -> None:
        if not self.came:
            self._number = number
            raise KeyboardInterrupt
