"""Follows a run until it is over."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol

from pipeline.kubeflow.remote.error import RemoteError
from pipeline.kubeflow.remote.run import Run

PATIENCE = 600.0
"""Seconds without an answer after which a server counts as gone: longer than its update takes."""


class Viewer(Protocol):
    """Whoever shows a run."""

    def show(self, run: Run) -> None: ...

    def trouble(self, error: RemoteError) -> None:
        """The server did not answer; it is asked again."""
        ...


def watch(
    ask: Callable[[], Run],
    viewer: Viewer,
    *,
    poll: float,
    timeout: float | None = None,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Run:
    """The run as it was last seen: over, or not within `timeout` seconds.

    Args:
      ask: for the run as it is now.
      poll: seconds between two questions.

    Raises:
      RemoteError: the server refuses, or was not there for ten minutes.
    """
    begun = answered = clock()
    while True:
        run = None
        try:
            run = ask()
        except RemoteError as error:
            if not error.passing or clock() - answered > PATIENCE:
                raise
            late = timeout is not None and clock() - begun >= timeout
            if late:
                raise
            viewer.trouble(error)
        else:
            answered = clock()
            viewer.show(run)
            if run.over:
                return run
        rest = None if timeout is None else begun + timeout - clock()
        if run is not None and rest is not None and rest <= 0:
            return run
        sleep(poll if rest is None else max(0.0, min(poll, rest)))
