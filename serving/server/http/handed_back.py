"""What workers hand back to an event loop, which is woken once for all that waits."""

from __future__ import annotations

import asyncio
import collections
import contextlib
from collections.abc import Callable

Job = Callable[[], object]


class HandedBack:
    """Runs jobs of other threads in the event loop, in their order.

    To wake the loop takes a system call, and one more there, which was a tenth of a small request's
    CPU time while eight clients asked.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Nothing waits yet.

        Args:
          loop: in which the jobs run.
        """
        self._loop = loop
        self._waiting: collections.deque[Job] = collections.deque()
        self._called = False

    def add(self, job: Job) -> None:
        """Has the loop run a job; from any thread."""
        # In this order, and the other one below: a job that is added while the loop takes those
        # that wait is either taken, too, or calls it again.
        self._waiting.append(job)
        if not self._called:
            self._called = True
            with contextlib.suppress(RuntimeError):  # The loop has ended; nobody waits any more.
                self._loop.call_soon_threadsafe(self._run)

    def _run(self) -> None:
        self._called = False
        while self._waiting:
            job = self._waiting.popleft()
            try:
                job()
            except Exception as error:  # As the loop does, the others run nevertheless.
                message = "A job that was handed back failed"
                self._loop.call_exception_handler({"message": message, "exception": error})
