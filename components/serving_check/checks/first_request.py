"""Does the first client after a load wait longer than the others?"""

from __future__ import annotations

import dataclasses
import time
from typing import TYPE_CHECKING

from components.serving_check.checks.check import Check
from components.serving_check.checks.latency import percentile
from components.serving_check.options import Options

if TYPE_CHECKING:
    from components.serving_check.served import Served

NAME = "first request"
STEADY_REQUESTS = 60


@dataclasses.dataclass(frozen=True)
class FirstRequest:
    """Milliseconds of the very first request after the load, and of the steady state."""

    milliseconds: float
    steady_p50: float


def measure(served: Served) -> FirstRequest:
    """Asks before anybody else does, about one example at a time.

    The warm-up file was replayed by then.
    """
    signature = next(iter(served.options.signatures))
    places = list(served.pool(signature).real[: 1 + STEADY_REQUESTS])
    bodies = [served.body(signature, [place]) for place in places]
    served.connection.exchange("GET", "/", b"")  # so that connecting is not part of it
    milliseconds = []
    for number in range(1 + STEADY_REQUESTS):
        place = places[number % len(places)]
        start = time.perf_counter()
        answer = served.send(bodies[place])
        milliseconds.append((time.perf_counter() - start) * 1e3)
        served.demand(signature, [place], answer)
    return FirstRequest(milliseconds[0], percentile(milliseconds[1:], 50))


def judge(found: FirstRequest, options: Options) -> list[Check]:
    """Passes within `first_request_ratio` × the steady p50, or `first_request_ms` where that is
    more: on a busy machine a single request can lose a time slice."""
    budget = max(options.first_request_ratio * found.steady_p50, options.first_request_ms)
    return [
        Check(
            NAME,
            ok=found.milliseconds <= budget,
            expected=(
                f"≤ {options.first_request_ratio:g} × the steady p50, or "
                f"{options.first_request_ms:g} ms"
            ),
            found=f"{found.milliseconds:.2f} ms, p50 {found.steady_p50:.2f} ms",
        )
    ]
