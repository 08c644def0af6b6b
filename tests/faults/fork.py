"""A function in a process of its own, which has all imports already and may be killed midway."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import resource
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from typing import Any

from tests.faults.trial import HANG_SECONDS

_WRITES = frozenset(
    {
        "open", "os.chmod", "os.link", "os.mkdir", "os.remove", "os.rename", "os.rmdir",
        "os.symlink", "os.truncate", "os.utime", "shutil.copyfile", "shutil.move", "shutil.rmtree",
    }
)  # fmt: skip
"""Audit events (sys.addaudithook) that come before a change of the file system."""
_WAIT_SECONDS = 60.0
"""For what uses its processor little; long, for a machine that does other things."""
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


@dataclasses.dataclass(frozen=True)
class Ended:
    """How the process ended."""

    code: int
    """Exit code; minus the signal that killed it."""
    shown: str

    @property
    def was_killed(self) -> bool:
        return self.code == -signal.SIGKILL

    blocked: bool = False
    """Whether it waited for something for too long."""

    @property
    def hung(self) -> bool:
        """Whether it used up its CPU time, or waited for what does not come."""
        return self.blocked or self.code == -signal.SIGXCPU


def in_child(
    act: Callable[[], int], kill_at: int | None = None, interrupt_after: float | None = None
) -> Ended:
    """Runs `act` in a child; what it returns is the exit code, its output is kept.

    Args:
      act: may raise, which is shown as a trace.
      kill_at: the child kills itself before this change of the file system, counted from 1.
      interrupt_after: seconds until Ctrl-C, for what goes on until then.
    """
    start, blocked = time.monotonic(), False
    with tempfile.TemporaryFile() as output:
        child = os.fork()
        if child == 0:
            _run(act, output.fileno(), kill_at)
        while (status := _status(child)) is None:
            waited = time.monotonic() - start
            if interrupt_after is not None and waited > interrupt_after:
                os.kill(child, signal.SIGINT)
                interrupt_after = None
            if waited > _WAIT_SECONDS:
                os.kill(child, signal.SIGKILL)
                blocked = True
        output.seek(0)
        shown = output.read().decode("utf-8", "replace")
    return Ended(os.waitstatus_to_exitcode(status), shown, blocked)


def _status(child: int) -> int | None:
    """How a child ended; None after a moment in which it did not."""
    found, status = os.waitpid(child, os.WNOHANG)
    if found:
        return status
    time.sleep(0.005)
    return None


def _run(act: Callable[[], int], output: int, kill_at: int | None) -> None:
    """Never returns."""
    code = 1
    # As a program begins in a terminal; programs that were imported may have changed it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        for descriptor in (1, 2):
            os.dup2(output, descriptor)
        used = resource.getrusage(resource.RUSAGE_SELF)
        limit = int(used.ru_utime + used.ru_stime + HANG_SECONDS) + 1
        resource.setrlimit(resource.RLIMIT_CPU, (limit, limit + 5))
        with (
            open(1, "w", closefd=False) as out,
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(out),
        ):
            if kill_at is not None:
                _arm(kill_at)
            try:
                code = act()
            except SystemExit as end:
                code = end.code if isinstance(end.code, int) else 1
            except BaseException:
                traceback.print_exc()
            for stream in (sys.stdout, sys.stderr):
                stream.flush()
    finally:
        os._exit(code)


def _arm(kill_at: int) -> None:
    left = kill_at
    fsync = os.fsync

    def count() -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def watch(event: str, arguments: tuple[object, ...]) -> None:
        if event not in _WRITES:
            return
        if event == "open" and not (isinstance(arguments[2], int) and arguments[2] & _WRITING):
            return
        count()

    def counted_fsync(fd: Any) -> None:
        count()
        fsync(fd)

    os.fsync = counted_fsync
    sys.addaudithook(watch)
