"""A request's own time on a busy machine."""

from __future__ import annotations

import os
import threading
import time

import pytest

from components.serving_check.stopwatch import Lap, Stopwatch


@pytest.mark.parametrize(
    ("lap", "own"),
    [
        (Lap(0.1), 0.1),
        (Lap(0.1, waits=(0.03, 0.02)), 0.05),
        # Overlapping waits never hide what was computed.
        (Lap(0.1, waits=(0.09, 0.09), runs=(0.06, 0.0)), 0.06),
        # Clocks of different kinds: never more than the wall.
        (Lap(0.1, waits=(), runs=(0.2,)), 0.1),
    ],
)
def test_own_time_is_the_wall_without_the_waits_but_with_all_work(lap, own):
    assert lap.own == pytest.approx(own)


def test_what_a_thread_computes_is_its_own_however_busy_the_machine_is():
    watch = Stopwatch(os.getpid())
    watch.start()
    begin = time.thread_time()
    while time.thread_time() - begin < 0.05:
        pass
    assert watch.lap().own >= 0.045


def test_to_watch_many_threads_is_no_work_of_a_request():
    """Else a server with more threads would seem slower than one with few."""
    stop = threading.Event()
    idle = [threading.Thread(target=stop.wait) for _ in range(200)]
    for thread in idle:
        thread.start()
    watch = Stopwatch(os.getpid())
    begin = time.thread_time()
    watch.start()
    reading = time.thread_time() - begin
    lap = watch.lap()
    stop.set()
    for thread in idle:
        thread.join()
    assert max(lap.runs) < reading / 2


def test_a_process_that_is_gone_takes_nothing_away():
    watch = Stopwatch(2**22 - 1)
    watch.start()
    time.sleep(0.01)
    lap = watch.lap()
    assert lap.wall >= 0.01
    assert lap.own > 0
