"""How long does a client wait for one answer?"""

from __future__ import annotations

import dataclasses
import math
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from components.serving_check.checks.check import Check
from components.serving_check.options import Options

if TYPE_CHECKING:
    from components.serving_check.served import Served

NAME = "latency"
WARM_UP_REQUESTS = 10


@dataclasses.dataclass(frozen=True)
class Latency:
    """Milliseconds that single requests took, one after another, in the order sent."""

    signature: str
    milliseconds: tuple[float, ...]

    @property
    def p50(self) -> float:
        return percentile(self.milliseconds, 50)

    @property
    def p99(self) -> float:
        return percentile(self.milliseconds, 99)


def percentile(values: Sequence[float], percent: float) -> float:
    """Nearest rank: the smallest value that at least `percent` of the values do not exceed.

    It is always a value that was measured, where interpolation would soften a rare slow answer.
    """
    ordered = sorted(values)
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)]


def measure(served: Served) -> Latency:
    """Sends one image at a time through the first expected signature."""
    signature = next(iter(served.options.signatures))
    examples = len(served.pool(signature).real)
    count = min(served.options.latency_requests, examples)
    bodies = [served.body(signature, [place]) for place in range(count)]
    milliseconds = []
    for number in range(WARM_UP_REQUESTS + served.options.latency_requests):
        place = number % count
        start = time.perf_counter()
        answer = served.send(bodies[place])
        if number >= WARM_UP_REQUESTS:
            milliseconds.append((time.perf_counter() - start) * 1e3)
        served.demand(signature, [place], answer)
    return Latency(signature, tuple(round(value, 3) for value in milliseconds))


def judge(latency: Latency, options: Options) -> list[Check]:
    """Passes when p50 and p99 are within `p50_ms` and `p99_ms`."""
    return [
        Check(
            f"{NAME} {name}",
            ok=value <= budget,
            expected=f"≤ {budget:g} ms",
            found=f"{value:.2f} ms over {len(latency.milliseconds)} requests",
        )
        for name, value, budget in (
            ("p50", latency.p50, options.p50_ms),
            ("p99", latency.p99, options.p99_ms),
        )
    ]
