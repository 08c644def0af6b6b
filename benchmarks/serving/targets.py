"""What the embedded model server may cost, and must reach beside its peers."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.serving.churn import Churn
from benchmarks.serving.contenders import Earlier, Embedded, LitServe, MLServer
from benchmarks.serving.rates import Rate, median
from benchmarks.target import Target

MAX_CPU_MILLISECONDS = {
    ("gRPC", 1): 0.5,
    ("gRPC", 32): 1.1,
    ("REST", 1): 0.4,
    ("REST", 32): 3.5,
}
MIN_RATIO = 2.0
MAX_OF_EARLIER = 1.1
"""CPU time per request over that of an earlier commit: rounds of one server differ by as much."""
MAX_GROWTH = 0.05


def judge(rates: Sequence[Rate], churn: Churn) -> list[Target]:
    """The targets that the figures at hand allow to judge."""
    targets = [
        Target(
            f"{protocol}, batch {batch}, CPU ms / request",
            median(rates, Embedded.name, protocol, batch, _cpu),
            limit,
        )
        for (protocol, batch), limit in MAX_CPU_MILLISECONDS.items()
    ]
    measured = {rate.contender for rate in rates}
    if Earlier.name in measured:
        targets += [
            Target(
                f"{protocol}, batch {batch}, CPU / request over the earlier server's",
                median(rates, Embedded.name, protocol, batch, _cpu)
                / median(rates, Earlier.name, protocol, batch, _cpu),
                MAX_OF_EARLIER,
            )
            for protocol, batch in MAX_CPU_MILLISECONDS
        ]
    targets += [
        Target(
            f"requests / s over {peer.name}'s, REST, one image each",
            median(rates, Embedded.name, "REST", 1, _per_second)
            / median(rates, peer.name, "REST", 1, _per_second),
            MIN_RATIO,
            at_least=True,
        )
        for peer in (LitServe, MLServer)
        if peer.name in measured
    ]
    return [
        *targets,
        Target(f"requests failed in {churn.swaps} hot swaps", churn.failures, 0),
        Target(f"growth of resident memory in {churn.swaps} hot swaps", churn.growth, MAX_GROWTH),
    ]


def _cpu(rate: Rate) -> float:
    return rate.cpu_milliseconds


def _per_second(rate: Rate) -> float:
    return rate.per_second
