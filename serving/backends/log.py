"""What a model server said, and whom it blames."""

from __future__ import annotations

import contextlib
from pathlib import Path

from serving.backends.ending import blames_machine, tells_of_shortage
from serving.server.stopping import STOPPING

# Of upstream's main and ServerCore, and of the loader harness; the embedded server says the same.
_START_FAILED = "Failed to start server. Error: "
_NOT_AVAILABLE = "servable(s) did not become available"
_LOADING = "Loading servable"
# How absl, inside TensorFlow, begins the lines of a crash report: header, then frames.
_STACK_TRACE = ("***", "PC: @", "@ ")
_LAST_LINES = 3


class ServerLog:
    """The log of a model server, read anew with each question."""

    def __init__(self, path: Path) -> None:
        """The file may come later, or never."""
        self._path = path

    @property
    def last_line(self) -> str:
        """The last thing it said, stack traces aside; "" when it said nothing."""
        return " ".join(self._said()[-1:])

    @property
    def told_to_stop(self) -> bool:
        """Whether it ended because somebody asked it to, as SIGTERM does, and not by itself."""
        return any(line.endswith(STOPPING) for line in self._said()[-_LAST_LINES:])

    @property
    def reason(self) -> str:
        """Why it did not start, in its own words."""
        lines = self._lines()
        reason = _start_error(lines)
        return reason or " | ".join(lines[-_LAST_LINES:]) or "nothing"

    @property
    def shortage(self) -> str:
        """The last line that tells of something the machine ran out of; "" for none."""
        return " ".join([line for line in self._lines() if tells_of_shortage(line)][-1:])

    @property
    def blames_model(self) -> bool:
        """Whether a failure until now is that of the model it was given.

        It is when the server says so, and when it got as far as to load the model and then said
        nothing: a graph can crash the process that loads it. It is not when what it says is that
        the machine lacks something.
        """
        lines = self._said()
        reason = _start_error(lines)
        if reason:
            return _NOT_AVAILABLE in reason and not blames_machine(reason)
        return any(_LOADING in line for line in lines) and not blames_machine(
            " ".join(lines[-_LAST_LINES:])
        )

    def _said(self) -> list[str]:
        """Its lines without stack traces, behind which the reason of a crash would be hidden."""
        return [line for line in self._lines() if not line.startswith(_STACK_TRACE)]

    def _lines(self) -> list[str]:
        with contextlib.suppress(FileNotFoundError):
            lines = self._path.read_text(errors="replace").splitlines()
            return [line.strip() for line in lines if line.strip()]
        return []


def _start_error(lines: list[str]) -> str:
    reasons = [line for line in lines if line.startswith(_START_FAILED)]
    return reasons[-1].removeprefix(_START_FAILED) if reasons else ""
