"""Time that a request took, without that for which nobody gave it a processor.

On a machine with more to do than it has processors, a wall clock measures the others too. Linux
tells for each thread how long it ran, and how long it could have run and was not let:
/proc/PID/task/TID/schedstat, Documentation/scheduler/sched-stats.rst. Elsewhere nothing is
subtracted.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import threading
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

_NANO = 1e9


@dataclasses.dataclass(frozen=True)
class Lap:
    """What went by between start and end, in seconds."""

    wall: float
    waits: tuple[float, ...] = ()
    """For a processor, of each thread that had to do with it."""
    runs: tuple[float, ...] = ()

    @property
    def own(self) -> float:
        """As if the machine were idle: no wait of any thread counts, all work does.

        Waits may overlap, so that more may be subtracted than was lost; but never what one thread
        computed, nor what all of them did on every processor at once.
        """
        work = max((*self.runs, sum(self.runs) / _processors()), default=0.0)
        return min(self.wall, max(self.wall - sum(self.waits), work))

    @property
    def lost(self) -> float:
        """For which the machine was busy with others."""
        return self.wall - self.own

    @property
    def longest_wait(self) -> float:
        """Of one thread; what is lost where threads do not wait one after the other."""
        return min(self.wall, max(self.waits, default=0.0))


class Stopwatch:
    """Watches the threads of a server, and the one that asks it."""

    def __init__(self, pid: int) -> None:
        """Watches the process `pid`."""
        self._folder = Path(f"/proc/{pid}/task")
        self._start = time.perf_counter()
        self._before: dict[str, tuple[int, int]] = {}

    def start(self) -> None:
        """Begins a lap."""
        self._before = dict(self._threads())
        # To read of many threads takes milliseconds of this one, which are no request's.
        self._before |= self._asking_thread()
        self._start = time.perf_counter()

    def lap(self) -> Lap:
        """What went by since the start."""
        wall = time.perf_counter() - self._start
        runs, waits = [], []
        asking = self._asking_thread()
        for thread, (run, wait) in (asking | dict(self._threads())).items():
            run_before, wait_before = self._before.get(thread, (0, 0))
            runs.append((run - run_before) / _NANO)
            waits.append((wait - wait_before) / _NANO)
        return Lap(wall, tuple(waits), tuple(runs))

    def _asking_thread(self) -> dict[str, tuple[int, int]]:
        """This thread; of one that runs, schedstat tells only what was before the last tick."""
        found = _read([Path(f"/proc/self/task/{threading.get_native_id()}")])
        return {thread: (time.thread_time_ns(), wait) for thread, (_, wait) in found}

    def _threads(self) -> Iterator[tuple[str, tuple[int, int]]]:
        """Yields each other thread, of the server, with the nanoseconds that it ran and waited."""
        asking = str(threading.get_native_id())
        with contextlib.suppress(OSError):
            yield from _read(each for each in self._folder.iterdir() if each.name != asking)


def _read(folders: Iterable[Path]) -> Iterator[tuple[str, tuple[int, int]]]:
    for folder in folders:
        with contextlib.suppress(OSError, ValueError):
            run, wait, _ = (folder / "schedstat").read_text().split()
            yield str(folder), (int(run), int(wait))


def _processors() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
