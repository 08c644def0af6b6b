"""Is the candidate slower than the version that is live, asked in turn with it?"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from components.serving_check.candidate import base_path_for
from components.serving_check.checks.check import Check
from components.serving_check.options import Options
from serving.launch import launch

if TYPE_CHECKING:
    from components.serving_check.served import Served

NAME = "comparison"
ROUNDS = 10
WARM_UP_REQUESTS = 20
EXAMPLES = 40
"""Different ones that are asked about in turn."""
RESAMPLES = 2_000
CONFIDENCE = 99.0
SEED = 0

Question = tuple[str, list[int], bytes]
"""Signature, places in its pool, and the request."""
Rounds = Sequence[Sequence[float]]
"""Milliseconds of each request, round by round."""


@dataclasses.dataclass(frozen=True)
class Comparison:
    """Both, in rounds that took turns."""

    live: tuple[tuple[float, ...], ...]
    candidate: tuple[tuple[float, ...], ...]


@dataclasses.dataclass(frozen=True)
class Ratio:
    """Candidate over live, with its confidence interval."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.2f} × ({self.low:.2f}–{self.high:.2f})"


def measure(served: Served) -> Comparison | None:
    """Asks both about one example at a time, in the order A B, B A, A B, …; None without a live
    version, which is served by a process of its own."""
    if served.live is None:
        return None
    signature = next(iter(served.options.signatures))
    questions = [
        (signature, [place], served.body(signature, [place]))
        for place in served.pool(signature).real[:EXAMPLES]
    ]
    share = -(-served.options.comparison_requests // ROUNDS)
    rounds: dict[str, list[tuple[float, ...]]] = {"live": [], "candidate": []}
    with (
        base_path_for(str(served.live), served.model_name) as base_path,
        launch(base_path, served.model_name, backend=served.options.backend) as server,
    ):
        server.wait_available(timeout=served.options.load_seconds)
        with served.another_connection(server.rest_url) as live:
            sides = [("live", live), ("candidate", served)]
            for name, side in sides:
                _asked(side, questions, WARM_UP_REQUESTS, held=name == "candidate")
            for number in range(ROUNDS):
                for name, side in sides if number % 2 else reversed(sides):
                    rounds[name].append(_asked(side, questions, share, held=name == "candidate"))
    return Comparison(tuple(rounds["live"]), tuple(rounds["candidate"]))


def judge(found: Comparison | None, options: Options) -> list[Check]:
    """Fails when p99 is more than `p99_ratio` × the live version's, or throughput less than
    `throughput_ratio` ×, and the confidence interval excludes 1."""
    if found is None:
        return []
    p99 = ratio(found.live, found.candidate, lambda values: float(np.percentile(values, 99)))
    rate = ratio(found.live, found.candidate, lambda values: 1 / float(np.mean(values)))
    count = sum(map(len, found.candidate))
    return [
        Check(
            "latency p99 against live",
            ok=not (p99.value > options.p99_ratio and p99.low > 1),
            expected=f"≤ {options.p99_ratio:g} ×, or within the noise",
            found=f"{p99} over {count} requests each",
        ),
        Check(
            "throughput against live",
            ok=not (rate.value < options.throughput_ratio and rate.high < 1),
            expected=f"≥ {options.throughput_ratio:g} ×, or within the noise",
            found=f"{rate} over {count} requests each",
        ),
    ]


def ratio(live: Rounds, candidate: Rounds, figure: Callable[[NDArray[np.float64]], float]) -> Ratio:
    """A figure of the candidate over the live version's, with a 99 % bootstrap interval.

    Whole rounds are drawn, the same of both, since what disturbs a machine lasts longer than a
    request (Efron and Tibshirani, An Introduction to the Bootstrap, 1993, chapters 8 and 13).
    """
    a, b = np.array(live, np.float64), np.array(candidate, np.float64)
    draws = np.random.default_rng(SEED).integers(0, len(a), (RESAMPLES, len(a)))
    ratios = [figure(b[draw].ravel()) / figure(a[draw].ravel()) for draw in draws]
    tail = (100 - CONFIDENCE) / 2
    low, high = np.percentile(ratios, [tail, 100 - tail])
    return Ratio(figure(b.ravel()) / figure(a.ravel()), float(low), float(high))


def _asked(
    side: Served, questions: Sequence[Question], count: int, *, held: bool
) -> tuple[float, ...]:
    """Milliseconds of each request; of the live version's answers nobody knows what is right."""
    milliseconds = []
    for number in range(count):
        signature, places, body = questions[number % len(questions)]
        start = time.perf_counter()
        answer = side.send(body)
        milliseconds.append(round((time.perf_counter() - start) * 1e3, 3))
        if held:
            side.demand(signature, places, answer)
    return tuple(milliseconds)
