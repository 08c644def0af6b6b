from __future__ import annotations

import asyncio
import functools
import threading
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from serving.server.http.handed_back import HandedBack

THREADS, JOBS = 8, 500


def in_a_loop(main: Coroutine[Any, Any, int]) -> int:
    """Runs `main` in a thread of its own: a browser of other tests leaves a loop in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, asyncio.wait_for(main, 30)).result()


def test_every_job_runs_in_the_loop_and_those_of_a_thread_in_their_order():
    ran: list[tuple[int, int]] = []
    places: set[int] = set()

    async def main() -> int:
        handed_back = HandedBack(asyncio.get_running_loop())

        def work(thread: int) -> None:
            for number in range(JOBS):
                handed_back.add(functools.partial(note, (thread, number)))

        def note(job: tuple[int, int]) -> None:
            places.add(threading.get_ident())
            ran.append(job)

        await asyncio.gather(*(asyncio.to_thread(work, thread) for thread in range(THREADS)))
        while len(ran) < THREADS * JOBS:
            await asyncio.sleep(0)
        return threading.get_ident()

    assert {in_a_loop(main())} == places
    for thread in range(THREADS):
        assert [number for who, number in ran if who == thread] == list(range(JOBS))


def test_a_job_that_fails_is_told_and_the_next_runs():
    told: list[dict[str, Any]] = []

    async def main() -> int:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, context: told.append(context))
        handed_back = HandedBack(loop)
        ran = asyncio.Event()
        handed_back.add(lambda: 1 // 0)
        handed_back.add(ran.set)
        await ran.wait()
        return threading.get_ident()

    in_a_loop(main())
    assert [type(context["exception"]) for context in told] == [ZeroDivisionError]


def test_after_the_loop_has_ended_nothing_happens():
    loop = asyncio.new_event_loop()
    loop.close()
    HandedBack(loop).add(lambda: None)
