"""Does the first client after a load wait longer than the others?"""

from __future__ import annotations

import dataclasses
import time
from typing import TYPE_CHECKING

from components.serving_check import contention
from components.serving_check.checks.check import Check
from components.serving_check.checks.latency import (
    AGAIN,
    ENOUGH_SECONDS,
    FEWEST,
    percentile,
    times,
)
from components.serving_check.options import Options
from components.serving_check.stopwatch import Stopwatch
from serving.launch import launch

if TYPE_CHECKING:
    from components.serving_check.served import Served

NAME = "first request"
STEADY_REQUESTS = 60


@dataclasses.dataclass(frozen=True)
class FirstRequest:
    """Milliseconds of the very first request after the load, and of the steady state."""

    milliseconds: float
    steady_p50: float
    own: float | None = None
    """Of the first request, without its waits for a processor; None where nobody watched."""
    again: int = 0
    """How often it was measured again, each time on a server of its own."""

    @property
    def lost(self) -> float:
        """Milliseconds for which the machine was busy with others."""
        return 0.0 if self.own is None else self.milliseconds - self.own


def measure(served: Served) -> FirstRequest:
    """Asks before anybody else does; where that was slow, a server of its own is asked first things
    again: once in any case, since what holds a process up need not be others that compute, and
    twice where the machine was busy with others.

    Raises:
      MachineError: the machine was so busy that this says nothing.
    """
    options = served.options
    found = _measured(served)
    while not _holds(found, options) and found.again < AGAIN:
        if found.again and contention.is_idle(found.lost, found.milliseconds):
            return found
        base_path = served.candidate.parent
        with launch(base_path, served.model_name, backend=options.backend) as server:
            server.wait_available(served.version, options.load_seconds)
            with served.another_connection(server.rest_url) as alone:
                anew = _measured(dataclasses.replace(alone, server=server))
        found = dataclasses.replace(anew, again=found.again + 1)
    own = found.milliseconds - found.lost
    contention.demand_verdict(NAME, own, _budget(found, options), found.lost, found.milliseconds)
    return found


def _measured(served: Served) -> FirstRequest:
    """Asks about one example at a time; the warm-up file was replayed by then."""
    signature = next(iter(served.options.signatures))
    places = list(served.pool(signature).real[: 1 + STEADY_REQUESTS])
    bodies = [served.body(signature, [place]) for place in places]
    served.connection.exchange("GET", "/", b"")  # so that connecting is not part of it
    watch = Stopwatch(served.server.pid)
    laps = []
    milliseconds = []
    for number in range(1 + STEADY_REQUESTS):
        place = places[number % len(places)]
        if not number:
            watch.start()
        start = time.perf_counter()
        answer = served.send(bodies[place])
        milliseconds.append((time.perf_counter() - start) * 1e3)
        if not number:
            laps.append(watch.lap())
        served.demand(signature, [place], answer)
        if number >= FEWEST and sum(milliseconds) > ENOUGH_SECONDS * 1e3:
            break
    own = min(laps[0].own * 1e3, milliseconds[0])
    return FirstRequest(milliseconds[0], percentile(milliseconds[1:], 50), own)


def judge(found: FirstRequest, options: Options) -> list[Check]:
    """Passes within `first_request_ratio` × the steady p50, or `first_request_ms` where that is
    more. There is only one first request: one that is too slow is judged by its own time, since on
    a busy machine it can lose several time slices."""
    budget = _budget(found, options)
    milliseconds, note = found.milliseconds, ""
    if found.milliseconds > budget and found.own is not None:
        milliseconds = found.own
        note = f" of {found.milliseconds:.2f} ms, the rest of which it waited for a processor"
    if found.again:
        note += f", measured again {times(found.again)}"
    return [
        Check(
            NAME,
            ok=milliseconds <= budget,
            expected=(
                f"≤ {options.first_request_ratio:g} × the steady p50, or "
                f"{options.first_request_ms:g} ms"
            ),
            found=f"{milliseconds:.2f} ms{note}, p50 {found.steady_p50:.2f} ms",
        )
    ]


def _budget(found: FirstRequest, options: Options) -> float:
    return max(options.first_request_ratio * found.steady_p50, options.first_request_ms)


def _holds(found: FirstRequest, options: Options) -> bool:
    return all(check.ok for check in judge(found, options))
