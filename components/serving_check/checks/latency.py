"""How long does a client wait for one answer?"""

from __future__ import annotations

import dataclasses
import math
import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from components.serving_check import contention
from components.serving_check.checks.check import Check
from components.serving_check.options import Options
from components.serving_check.stopwatch import Stopwatch
from documents.terminal.counted import counted

if TYPE_CHECKING:
    from components.serving_check.served import Served

NAME = "latency"
WARM_UP_REQUESTS = 10
AGAIN = 2
"""How often a figure that is too great is measured again."""
ENOUGH_SECONDS = 10.0
"""After which requests that are all too slow need not be counted further."""
FEWEST = 10
"""Requests that a figure rests on at least."""
FAR_MILLISECONDS = 100.0
"""With a p50 above its budget and this, thousands of other requests are not worth their time."""


@dataclasses.dataclass(frozen=True)
class Latency:
    """Milliseconds that single requests took, one after another, in the order sent."""

    signature: str
    milliseconds: tuple[float, ...]
    again: int = 0
    """How often it was measured again, because it was too slow at first."""
    lost_seconds: float = 0.0
    """For which the machine was busy with others; not in `milliseconds`."""

    @property
    def p50(self) -> float:
        """Milliseconds within which half of the requests were answered."""
        return percentile(self.milliseconds, 50)

    @property
    def p99(self) -> float:
        """Milliseconds within which 99 of 100 were."""
        return percentile(self.milliseconds, 99)

    @property
    def seconds(self) -> float:
        """All of them, the lost ones too."""
        return sum(self.milliseconds) / 1e3 + self.lost_seconds


def percentile(values: Sequence[float], percent: float) -> float:
    """Nearest rank: the smallest value that at least `percent` of the values do not exceed.

    It is always a value that was measured, where interpolation would soften a rare slow answer.
    """
    ordered = sorted(values)
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)]


def measure(served: Served) -> Latency:
    """Sends one example at a time through the first expected signature.

    What is too slow is measured again, without the time for which the machine was busy with others.

    Raises:
      MachineError: it was so busy that this says nothing.
    """
    found = _measured(served, again=0)
    while not _holds(found, served.options) and found.again < AGAIN:
        found = _measured(served, again=found.again + 1)
        if contention.is_idle(found.lost_seconds, found.seconds):
            break
    for name, value, budget in _figures(found, served.options):
        contention.demand_verdict(name, value, budget, found.lost_seconds, found.seconds)
    return found


def _measured(served: Served, again: int) -> Latency:
    signature = next(iter(served.options.signatures))
    examples = len(served.pool(signature).real)
    count = min(served.options.latency_requests, examples)
    bodies = [served.body(signature, [place]) for place in range(count)]
    watch = Stopwatch(served.server.pid)
    seconds, lost = [], 0.0
    for number in range(WARM_UP_REQUESTS + served.options.latency_requests):
        place = number % count
        if again:
            watch.start()
        start = time.perf_counter()
        answer = served.send(bodies[place])
        passed = time.perf_counter() - start
        if number >= WARM_UP_REQUESTS:
            seconds.append(watch.lap().own if again else passed)
            lost += passed - min(passed, seconds[-1])
        served.demand(signature, [place], answer)
        if _is_clear(seconds, served.options):
            break
    milliseconds = tuple(round(value * 1e3, 3) for value in seconds)
    return Latency(signature, milliseconds, again, round(lost, 3))


def _is_clear(seconds: Sequence[float], options: Options) -> bool:
    """Whether the p50 is too great, whatever is measured of the rest in a bearable time."""
    if len(seconds) < FEWEST or sum(seconds) < ENOUGH_SECONDS:
        return False
    return percentile(seconds, 50) * 1e3 > options.p50_ms


def is_far(latency: Latency, options: Options) -> bool:
    """Whether the model is so slow that nothing further need be asked."""
    return latency.p50 > max(options.p50_ms, FAR_MILLISECONDS)


def _holds(found: Latency, options: Options) -> bool:
    return all(check.ok for check in judge(found, options))


def judge(latency: Latency, options: Options) -> list[Check]:
    """Passes when p50 and p99 are within `p50_ms` and `p99_ms`."""
    note = remeasured(latency.again, latency.lost_seconds)
    return [
        Check(
            name,
            ok=value <= budget,
            expected=f"≤ {budget:g} ms",
            found=f"{value:.2f} ms over {counted(len(latency.milliseconds), 'request')}{note}",
        )
        for name, value, budget in _figures(latency, options)
    ]


def _figures(latency: Latency, options: Options) -> Iterator[tuple[str, float, float]]:
    """Yields the name of a row, its milliseconds and its budget."""
    yield f"{NAME} p50", latency.p50, options.p50_ms
    yield f"{NAME} p99", latency.p99, options.p99_ms


def remeasured(again: int, lost_seconds: float) -> str:
    """The end of a sentence about a figure that was too great at first; "" where it was not."""
    if not again:
        return ""
    return (
        f", measured again {times(again)} without the waits for a processor "
        f"({lost_seconds:.1f} s of them)"
    )


def times(count: int) -> str:
    """How often, in words."""
    return "once" if count == 1 else f"{count} times"
