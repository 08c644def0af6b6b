"""How much memory did the server take at its peak, and how much more with each request?"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from components.serving_check.checks.check import Check
from components.serving_check.options import Options

if TYPE_CHECKING:
    from components.serving_check.served import Served

NAME = "memory"
CLIENTS = 4
WARM_UP_REQUESTS = 800
OTHER = 16
LONGEST_SECONDS = 90.0
"""What is too slow to take all requests in that time is judged by those that it took."""


@dataclasses.dataclass(frozen=True)
class Memory:
    """Of the server's process, in megabytes (10^6 bytes)."""

    peak: float
    before: float
    """Resident before the requests that follow."""
    after: float
    requests: int


def measure(served: Served) -> Memory:
    """Sends `growth_requests` requests over a few connections, most of them for one example through
    the first signature, and holds every answer.

    Each client begins elsewhere and goes through all reference examples, so that a model that keeps
    count of requests, or of those that are new, shows here.
    """
    share = -(-served.options.growth_requests // CLIENTS)
    questions = list(_questions(served))
    deadline = time.monotonic() + LONGEST_SECONDS

    def ask(client: int, count: int) -> int:
        with served.another_connection() as connection:
            start = client * len(questions) // CLIENTS
            for number in range(start, start + count):
                if time.monotonic() > deadline:
                    return number - start
                signature, places, body = questions[number % len(questions)]
                connection.demand(signature, places, connection.send(body))
        return count

    # So that every thread and buffer of the server is there before.
    for client in range(CLIENTS):
        ask(client, WARM_UP_REQUESTS // CLIENTS)
    before = served.server.rss_megabytes()
    with ThreadPoolExecutor(CLIENTS) as pool:
        done = sum(pool.map(ask, range(CLIENTS), [share] * CLIENTS))
    return Memory(
        peak=served.server.peak_rss_megabytes(),
        before=before,
        after=served.server.rss_megabytes(),
        requests=done,
    )


def _questions(served: Served) -> Iterator[tuple[str, list[int], bytes]]:
    """Yields signature, places and body: every OTHER-th is for two examples through another one."""
    first, *others = served.options.signatures
    count = len(served.pool(first).real)
    for place in range(count):
        yield first, [place], served.body(first, [place])
        if others and place % OTHER == 0:
            name = others[place // OTHER % len(others)]
            places = [place, (place + 1) % count]
            yield name, places, served.body(name, places)


def judge(found: Memory, options: Options) -> list[Check]:
    """Passes when the peak is within `megabytes`, and the growth within `growth_percent`."""
    growth = (found.after / found.before - 1) * 100
    return [
        Check(
            NAME,
            ok=found.peak <= options.megabytes,
            expected=f"peak ≤ {options.megabytes:g} MB",
            found=f"{found.peak:.0f} MB",
        ),
        Check(
            f"{NAME} growth",
            ok=growth <= options.growth_percent,
            expected=f"≤ {options.growth_percent:g} % over {found.requests:,} requests",
            found=f"{growth:+.1f} %, {found.before:.0f} → {found.after:.0f} MB",
        ),
    ]
