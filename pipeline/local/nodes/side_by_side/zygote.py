"""A process that forks one for each executor.

It is made when the libraries are imported, which takes seconds and is so paid for once, and before
anything computes or listens: of a process with threads, a fork is a copy in which they are missing.
Threads that run nothing but Python are no hindrance: who forks holds its global lock, so none of
them holds one of a library.
"""

from __future__ import annotations

import contextlib
import ctypes
import logging
import multiprocessing.connection
import os
import select
import signal
import socket
import sys
import threading
from collections.abc import Callable
from typing import NoReturn

from typing_extensions import Self

from pipeline.local.failures.interruption import SIGNALS

Connection = multiprocessing.connection.Connection

_FORK, _INTERRUPT, _KILL = b"f", b"i", b"k"
_PR_SET_PDEATHSIG = 1


class ZygoteError(RuntimeError):
    """The process that forks is gone."""


class Child:
    """One forked process, as the process of the run knows it."""

    def __init__(self, connection: Connection, status: int):
        self.connection = connection
        self._status = status

    def has_ended(self) -> bool:
        """Waits until there is something to read of `connection`, or nothing will be any more."""
        ready = multiprocessing.connection.wait([self.connection, self._status])
        return self.connection not in ready

    def exit_code(self) -> int | None:
        """After its end; of a signal negative. None: nobody knows, as where none was forked."""
        text = os.read(self._status, 20)
        return os.waitstatus_to_exitcode(int(text)) if text else None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.connection.close()
        os.close(self._status)


class Zygote:
    """The handle of the process of the run. Threads may share it."""

    def __init__(self, work: Callable[[Connection], object]):
        """Forks nothing yet.

        Args:
          work: what a forked process does, with its end of the connection.
        """
        self._work = work
        self._lock = threading.Lock()
        self._control: socket.socket | None = None
        self._pid = 0
        self._interrupted = False

    def start(self) -> None:
        """Makes the process; from then on it is there, and this does nothing."""
        if self._pid:
            return
        ours, theirs = socket.socketpair()
        # What waits in a buffer would be written twice.
        sys.stdout.flush()
        sys.stderr.flush()
        # Until the child has let go of the handlers of this process, it shall run none of them.
        former = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
        self._pid = os.fork()
        if not self._pid:
            try:
                ours.close()
                _serve(theirs, self._work)
            except BaseException:
                logging.getLogger(__name__).exception("No more executors are started.")
            finally:
                os._exit(0)
        signal.pthread_sigmask(signal.SIG_SETMASK, former)
        theirs.close()
        self._control = ours

    def fork(self) -> Child:
        """A process that works.

        Raises:
          KeyboardInterrupt: they were told to end.
          ZygoteError: none can be had.
        """
        ours, theirs = multiprocessing.Pipe()
        status, written = os.pipe()
        try:
            with self._lock:
                if self._interrupted:
                    raise KeyboardInterrupt
                if self._control is None:
                    raise ZygoteError("Executors cannot be started before or after the run.")
                socket.send_fds(self._control, [_FORK], [theirs.fileno(), written])
        except BaseException as error:
            ours.close()
            os.close(status)
            if isinstance(error, OSError):
                raise ZygoteError(
                    "The process that starts executors is gone; run the same command again."
                ) from error
            raise
        finally:
            theirs.close()
            os.close(written)
        return Child(ours, status)

    def interrupt(self) -> None:
        """Has KeyboardInterrupt raised in all of them; no other one starts."""
        self._interrupted = True
        self._tell(_INTERRUPT)

    def kill(self) -> None:
        self._interrupted = True
        self._tell(_KILL)

    def _tell(self, command: bytes) -> None:
        with self._lock, contextlib.suppress(OSError):
            if self._control is not None:
                self._control.send(command)

    def close(self) -> None:
        """Returns when it has ended, and with it all that it forked."""
        with self._lock:
            if self._control is None:
                return
            self._control.close()
            self._control = None
        os.waitpid(self._pid, 0)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


def _serve(control: socket.socket, work: Callable[[Connection], object]) -> None:
    """All that the process does, until nobody holds the other end of `control` any more."""
    _let_go({control.fileno()})
    this = os.getpid()
    woken, wakes = os.pipe()
    os.set_blocking(wakes, False)
    signal.set_wakeup_fd(wakes, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda number, frame: None)
    children: dict[int, int] = {}
    while True:
        ready, _, _ = select.select([control.fileno(), woken], [], [])
        if woken in ready:
            os.read(woken, 4096)
            _reap(children)
        if control.fileno() not in ready:
            continue
        command, descriptors, _, _ = socket.recv_fds(control, 1, 2)
        if command == _FORK:
            connection, status = descriptors
            pid = _forked()
            if pid is None:
                # Who asked reads the end of it.
                os.close(connection)
                os.close(status)
                continue
            if not pid:
                for own in (status, *children.values(), woken, wakes):
                    os.close(own)
                control.close()
                _work(connection, work, this)
            os.close(connection)
            os.set_inheritable(status, False)
            children[pid] = status
            continue
        for pid in children:
            os.kill(pid, signal.SIGTERM if command == _INTERRUPT else signal.SIGKILL)
        if not command:
            break
    while children:
        _reap(children, 0)


def _forked() -> int | None:
    try:
        return os.fork()
    except OSError:
        logging.getLogger(__name__).exception("No process can be forked.")
        return None


def _reap(children: dict[int, int], options: int = os.WNOHANG) -> None:
    while children:
        pid, status = os.waitpid(-1, options)
        if not pid:
            return
        if pid in children:
            told = children.pop(pid)
            with contextlib.suppress(OSError):
                os.write(told, b"%d" % status)
            os.close(told)


def _work(descriptor: int, work: Callable[[Connection], object], parent: int) -> NoReturn:
    code = 1
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        _die_with_parent(parent)
        os.set_inheritable(descriptor, False)
        work(Connection(descriptor))
        sys.stdout.flush()
        sys.stderr.flush()
        code = 0
    finally:
        # Not the way of a process that was not forked: what is to be done at the end is the
        # parent's to do.
        os._exit(code)


def _let_go(but: set[int]) -> None:
    """Holds nothing of the parent's any more: not its lock of ROOT, nor the terminal.

    The numbers stay taken, so that an object of the parent's which closes one closes nothing else.
    """
    nothing = os.open(os.devnull, os.O_RDWR)
    for name in os.listdir("/dev/fd"):
        descriptor = int(name)
        if descriptor > 2 and descriptor not in {nothing, *but}:
            with contextlib.suppress(OSError):
                os.fstat(descriptor)  # else the one that listed them
                os.dup2(nothing, descriptor, inheritable=False)
    os.close(nothing)


def _die_with_parent(parent: int) -> None:
    """Where the system has it; elsewhere this process outlives a zygote that is killed."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)
