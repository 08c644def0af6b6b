"""One container's command as a process of its own, and the end of everything it started."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

import psutil

_POLL = 0.05
_LOOK = 0.5
"""Seconds between two looks at who is there: each reads every process of the machine."""
_GRACE = 5.0
"""Seconds between the request to end and the kill."""


@dataclasses.dataclass(frozen=True)
class Ended:
    """How a process ended."""

    seconds: float
    cpu_seconds: float
    """Of the process and of those children that it waited for."""
    failure: str | None
    """None after exit code 0."""


class Started(Protocol):
    """A process that was started, the leader of a session of its own."""

    @property
    def pid(self) -> int: ...

    def ended(self, seconds: float) -> tuple[int, float] | None:
        """Exit code and CPU seconds; None when it has not ended `seconds` from now."""


class Container:
    """One command as a process.

    Args:
      environment: all of it; nothing is inherited.
      folder: working folder.
      log: file that gets its output and errors.

    Raises:
      OSError: it cannot be started.
    """

    def __init__(
        self, command: Sequence[str], environment: Mapping[str, str], folder: Path, log: Path
    ):
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                command,
                env=dict(environment),
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.pid = self._process.pid

    def ended(self, seconds: float) -> tuple[int, float] | None:
        end = time.monotonic() + seconds
        while True:
            try:
                pid, status, usage = os.wait4(self.pid, os.WNOHANG)
            except ChildProcessError:
                # psutil has waited for what it ended.
                self._process.returncode = -signal.SIGKILL
                return self._process.returncode, 0.0
            if pid:
                self._process.returncode = os.waitstatus_to_exitcode(status)
                return self._process.returncode, usage.ru_utime + usage.ru_stime
            if time.monotonic() > end:
                return None
            time.sleep(_POLL)


def run_to_its_end(process: Started, timeout: float) -> Ended:
    """Waits for `process`, or kills it after `timeout` seconds.

    Whatever it started and left behind is killed too, as with the container; likewise when this
    process is interrupted.
    """
    start = time.monotonic()
    family = _Family(process.pid)
    ended = None
    try:
        while ended is None:
            family.look()
            left = timeout - (time.monotonic() - start)
            ended = process.ended(max(0.0, min(_LOOK, left)))
            if ended is None and left <= 0:
                cpu_seconds = _cpu_seconds(process.pid)
                return Ended(
                    time.monotonic() - start, cpu_seconds, f"timed out after {timeout:g} s"
                )
        code, cpu_seconds = ended
        return Ended(time.monotonic() - start, cpu_seconds, _failure(code))
    finally:
        family.end()
        while ended is None:
            ended = process.ended(_LOOK)


class _Family:
    """A process and its descendants, also those whose parents have ended."""

    def __init__(self, pid: int):
        self._leader = pid
        self._known: dict[int, psutil.Process] = {}

    def look(self) -> None:
        """Remembers who is there now: once a parent has ended, its children cannot be found."""
        with contextlib.suppress(psutil.Error):
            leader = psutil.Process(self._leader)
            for process in (leader, *leader.children(recursive=True)):
                self._known[process.pid] = process

    def end(self) -> None:
        self.look()
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error, OSError):
                if os.getsid(process.pid) == self._leader:
                    self._known[process.pid] = process
        alive = [process for process in self._known.values() if process.is_running()]
        for process in alive:
            with contextlib.suppress(psutil.Error):
                process.terminate()
        end = time.monotonic() + _GRACE
        while (alive := [*filter(_goes_on, alive)]) and time.monotonic() < end:
            time.sleep(_POLL)
        for process in alive:
            with contextlib.suppress(psutil.Error):
                process.kill()


def _goes_on(process: psutil.Process) -> bool:
    """Whether it has not ended, as also one has that nobody waits for: in a container there may be
    nobody who does."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def _failure(code: int) -> str | None:
    if code == 0:
        return None
    if code < 0:
        return f"killed by {signal.Signals(-code).name}"
    return f"exit code {code}"


def _cpu_seconds(pid: int) -> float:
    try:
        times = psutil.Process(pid).cpu_times()
    except psutil.Error:
        return 0.0
    return times.user + times.system
