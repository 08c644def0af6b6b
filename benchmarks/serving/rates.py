"""Requests per second and CPU time per request, all contenders in turn."""

from __future__ import annotations

import dataclasses
import statistics
from collections.abc import Callable, Iterable, Sequence

import numpy as np

from benchmarks.serving import load
from benchmarks.serving.contenders import Contender, ContenderError, Embedded

BATCHES = (1, 32)
WARM_UP = 0.25
"""Of the length of a turn: how long each is asked before the first one."""


@dataclasses.dataclass(frozen=True)
class Rate:
    """One contender under load, once."""

    contender: str
    protocol: str
    batch: int
    round: int
    requests: int
    per_second: float
    cpu_milliseconds: float
    """Of the server, per request."""


def measure(contenders: Sequence[Contender], rounds: int, seconds: float) -> Iterable[Rate]:
    """Yields each figure as it is known; within a round everybody takes a turn.

    Raises:
      ContenderError: a request failed.
    """
    random = np.random.default_rng(0)
    images = {batch: random.integers(0, 256, (batch, 28, 28), np.uint8) for batch in BATCHES}
    turns = [
        (contender, protocol, batch, connect(images[batch]))
        for batch in BATCHES
        for contender in contenders
        for protocol, connect in _protocols(contender)
    ]
    for contender, _, _, connect in turns:
        _asked(load.run(connect, WARM_UP * seconds), contender)
    for number in range(1, rounds + 1):
        for contender, protocol, batch, connect in turns:
            before = contender.cpu_seconds()
            result = _asked(load.run(connect, seconds), contender)
            used = contender.cpu_seconds() - before
            yield Rate(
                contender.name,
                protocol,
                batch,
                number,
                result.answers,
                result.per_second,
                used / result.answers * 1e3,
            )


def median(
    rates: Iterable[Rate],
    contender: str,
    protocol: str,
    batch: int,
    figure: Callable[[Rate], float],
) -> float:
    """The median over the rounds of one figure."""
    return statistics.median(
        figure(rate)
        for rate in rates
        if (rate.contender, rate.protocol, rate.batch) == (contender, protocol, batch)
    )


def _protocols(contender: Contender) -> list[tuple[str, Callable[..., load.Connect]]]:
    if isinstance(contender, Embedded):
        return [("REST", contender.rest), ("gRPC", contender.grpc)]
    return [("REST", contender.rest)]


def _asked(result: load.Load, contender: Contender) -> load.Load:
    if result.failures or not result.answers:
        raise ContenderError(
            f"{contender.name} failed {result.failures} of {result.answers + result.failures} "
            "requests."
        )
    return result
