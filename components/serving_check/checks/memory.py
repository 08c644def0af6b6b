"""How much memory did the server take at its peak, and how much more with each request?"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from components.serving_check.checks import graph
from components.serving_check.checks.check import Check
from components.serving_check.options import Options
from documents.terminal.counted import counted

if TYPE_CHECKING:
    from components.serving_check.served import Served

NAME = "memory"
CLIENTS = 4
WARM_UP_REQUESTS = 100
LOOKS = (500, 1_000, 3_000)
"""Requests after which memory can be so flat that the others would say nothing new."""
FLAT = 0.5
"""Share of the growth that is allowed over so many, up to which it is flat."""
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
    flat: bool = False
    """Whether no more requests were sent because memory hardly grew, and could not do otherwise."""

    @property
    def growth(self) -> float:
        """In percent."""
        return (self.after - self.before) / self.before * 100


def measure(served: Served) -> Memory:
    """Sends `growth_requests` requests over a few connections, most of them for one example through
    the first signature, and holds every answer.

    Each client begins elsewhere and goes through all reference examples, so that a model that keeps
    count of requests, or of those that are new, shows here. Where the graph has no memory and
    leaves nothing to chance, the last request is like the first one: what leaks then leaks with
    each, and fewer requests show it.
    """
    limit = served.options.growth_requests
    asking = _Asking(served)
    # So that every thread and buffer of the server is there before.
    asking.send(WARM_UP_REQUESTS)
    before = served.server.rss_megabytes()
    looks = [] if graph.measure(served).chance else [each for each in LOOKS if each < limit]
    done, flat = 0, False
    for each in (*looks, limit):
        done += asking.send(each - done)
        growth = (served.server.rss_megabytes() - before) / before * 100
        flat = each < limit and growth <= FLAT * served.options.growth_percent * done / limit
        if flat:
            break
    return Memory(
        peak=served.server.peak_rss_megabytes(),
        before=before,
        after=served.server.rss_megabytes(),
        requests=done,
        flat=flat,
    )


class _Asking:
    """Clients that go on where they were."""

    def __init__(self, served: Served) -> None:
        self._served = served
        self._questions = list(_questions(served))
        self._next = [client * len(self._questions) // CLIENTS for client in range(CLIENTS)]
        self._deadline = time.monotonic() + LONGEST_SECONDS

    def send(self, requests: int) -> int:
        """Sends so many, or as many as there is time for."""
        share = -(-requests // CLIENTS)
        with ThreadPoolExecutor(CLIENTS) as pool:
            return sum(pool.map(self._ask, range(CLIENTS), [share] * CLIENTS))

    def _ask(self, client: int, count: int) -> int:
        start = self._next[client]
        with self._served.another_connection() as connection:
            for number in range(start, start + count):
                if time.monotonic() > self._deadline:
                    return number - start
                signature, places, body = self._questions[number % len(self._questions)]
                connection.demand(signature, places, connection.send(body))
                self._next[client] = number + 1
        return count


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
    requests = options.growth_requests if found.flat else found.requests
    stopped = f", so flat after {found.requests:,} that no more were asked" if found.flat else ""
    return [
        Check(
            NAME,
            ok=found.peak <= options.megabytes,
            expected=f"peak ≤ {options.megabytes:g} MB",
            found=f"{found.peak:.0f} MB",
        ),
        Check(
            f"{NAME} growth",
            ok=found.growth <= options.growth_percent,
            expected=f"≤ {options.growth_percent:g} % over {counted(requests, 'request')}",
            found=f"{found.growth:+.1f} %, {found.before:.0f} → {found.after:.0f} MB{stopped}",
        ),
    ]
