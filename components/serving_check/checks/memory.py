"""How much memory did the server take at its peak, and how much more with each request?"""

from __future__ import annotations

import dataclasses
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from components.serving_check.checks.check import Check
from components.serving_check.options import Options

if TYPE_CHECKING:
    from components.serving_check.served import Served

NAME = "memory"
CLIENTS = 4
WARM_UP_REQUESTS = 500


@dataclasses.dataclass(frozen=True)
class Memory:
    """Of the server's process, in megabytes (10^6 bytes)."""

    peak: float
    before: float
    """Resident before the requests that follow."""
    after: float
    requests: int


def measure(served: Served) -> Memory:
    """Sends `growth_requests` single requests over a few connections."""
    signature = next(iter(served.options.signatures))
    body = served.request_body(signature, served.reference.examples[:1])
    share = -(-served.options.growth_requests // CLIENTS)

    def ask(count: int) -> None:
        with served.another_connection() as connection:
            for _number in range(count):
                connection.send(body)

    ask(WARM_UP_REQUESTS)  # so that every thread and buffer of the server is there before
    before = served.server.rss_megabytes()
    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(ask, [share] * CLIENTS))
    return Memory(
        peak=served.server.peak_rss_megabytes(),
        before=before,
        after=served.server.rss_megabytes(),
        requests=share * CLIENTS,
    )


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
