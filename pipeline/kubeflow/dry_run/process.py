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

import psutil

_POLL = 0.05
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


def run_process(
    command: Sequence[str],
    *,
    environment: Mapping[str, str],
    folder: Path,
    log: Path,
    timeout: float,
) -> Ended:
    """Runs `command` to its end, or kills it after `timeout` seconds.

    Whatever it started and left behind is killed too, as with the container; likewise when this
    process is interrupted.

    Args:
      environment: all of it; nothing is inherited.
      folder: working folder.
      log: file that gets its output and errors.
    """
    start = time.monotonic()
    with log.open("ab") as output:
        try:
            process = subprocess.Popen(
                command,
                env=dict(environment),
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        except OSError as error:
            return Ended(0.0, 0.0, f"cannot start {command[0]}: {error.strerror}")
    family = _Family(process.pid)
    try:
        while True:
            pid, status, usage = os.wait4(process.pid, os.WNOHANG)
            seconds = time.monotonic() - start
            if pid:
                process.returncode = os.waitstatus_to_exitcode(status)
                failure = _failure(process.returncode)
                return Ended(seconds, usage.ru_utime + usage.ru_stime, failure)
            if seconds > timeout:
                cpu_seconds = _cpu_seconds(process.pid)
                family.end()
                process.wait()
                return Ended(seconds, cpu_seconds, f"timed out after {timeout:g} s")
            family.look()
            time.sleep(_POLL)
    finally:
        family.end()
        if process.returncode is None:
            process.wait()


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
        _, stubborn = psutil.wait_procs(alive, timeout=_GRACE)
        for process in stubborn:
            with contextlib.suppress(psutil.Error):
                process.kill()


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
