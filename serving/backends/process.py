"""A started model server: whether it runs, what it takes, and its end."""

from __future__ import annotations

import contextlib
import dataclasses
import logging
import os
import signal
import subprocess
from pathlib import Path

import psutil

_logger = logging.getLogger(__name__)

_HELD = (psutil.STATUS_STOPPED, psutil.STATUS_TRACING_STOP, psutil.STATUS_DISK_SLEEP)


@dataclasses.dataclass(frozen=True)
class Memory:
    """Resident memory in bytes."""

    now: int
    peak: int
    """The most so far; where the system keeps no peak, what is resident now."""


class ServerProcess:
    """A model server that is a child of this process and leads a session of its own."""

    def __init__(
        self, process: subprocess.Popen[bytes], port: int, grpc_target: str | None
    ) -> None:
        """Takes over a process.

        Args:
          process: the child.
          port: where it answers REST on this machine's loopback, now or soon.
          grpc_target: for grpc.insecure_channel; None without gRPC.
        """
        self._process = process
        self.port = port
        self.grpc_target = grpc_target

    @property
    def pid(self) -> int:
        """Number of the server's process."""
        return self._process.pid

    @property
    def returncode(self) -> int | None:
        """Its exit code; None while it runs."""
        return self._process.poll()

    def wait(self) -> int:
        """Returns its exit code once it has ended."""
        return self._process.wait()

    def memory(self) -> Memory | None:
        """What it takes; None when it has ended."""
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            return parse_status(Path(f"/proc/{self.pid}/status").read_text())
        with contextlib.suppress(psutil.NoSuchProcess):
            resident = psutil.Process(self.pid).memory_info().rss
            return Memory(resident, resident)
        return None

    def waited_in_vain(self) -> float:
        """Seconds for which it could have run but was given no processor.

        Of the thread that waited longest; 0 where the system does not tell (sched-stats.rst in the
        Linux documentation).
        """
        waits = [0.0]
        for file in Path(f"/proc/{self.pid}/task").glob("*/schedstat"):
            with contextlib.suppress(OSError, ValueError, IndexError):
                waits.append(int(file.read_text().split()[1]) / 1e9)
        return max(waits)

    def worked(self) -> float:
        """CPU seconds of all its threads so far; 0 once it has ended."""
        with contextlib.suppress(psutil.Error):
            times = psutil.Process(self.pid).cpu_times()
            return float(times.user + times.system)
        return 0.0

    @property
    def held(self) -> bool:
        """Whether it is stopped, or waits for a disk that does not answer."""
        with contextlib.suppress(psutil.Error):
            return psutil.Process(self.pid).status() in _HELD
        return False

    def stop(self, seconds: float) -> None:
        """Ends it: politely, and after `seconds` by force. May be called again."""
        if self.returncode is not None:
            return
        self._process.terminate()
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            _logger.warning("The model server (pid %d) does not stop; killing it.", self.pid)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()


def parse_status(text: str) -> Memory | None:
    """Reads /proc/<pid>/status (proc(5), in KiB); None for a process that is ending."""
    lines = dict(line.split(":", 1) for line in text.splitlines() if ":" in line)
    if "VmRSS" not in lines:
        return None
    now, peak = (int(lines[key].split()[0]) * 1024 for key in ("VmRSS", "VmHWM"))
    return Memory(now, peak)
