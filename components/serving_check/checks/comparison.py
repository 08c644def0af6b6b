"""Is the candidate slower than the version that is live, asked in turn with it?"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from components.serving_check.answers import AnswerError
from components.serving_check.checks.check import Check
from components.serving_check.control import LiveVersionError, short_of_something
from components.serving_check.options import Options
from components.serving_check.stopwatch import Stopwatch

if TYPE_CHECKING:
    from components.serving_check.served import Served
    from serving.launch import ModelServer

NAME = "comparison"
ROUNDS = 10
WARM_UP_REQUESTS = 20
AGAIN = 2
EXAMPLES = 40
"""Different ones that are asked about in turn."""
RESAMPLES = 2_000
CONFIDENCE = 99.0
SEED = 0

Figure = Callable[[NDArray[np.float64]], NDArray[np.float64]]
"""Of the milliseconds along the last axis."""
Question = tuple[str, list[int], bytes]
"""Signature, places in its pool, and the request."""
Rounds = Sequence[Sequence[float]]
"""Milliseconds of each request, round by round."""


@dataclasses.dataclass(frozen=True)
class Comparison:
    """Both, in rounds that took turns."""

    live: tuple[tuple[float, ...], ...]
    candidate: tuple[tuple[float, ...], ...]
    again: int = 0
    """How often both were compared again, because the candidate seemed slower."""


@dataclasses.dataclass(frozen=True)
class Ratio:
    """Candidate over live, with its confidence interval."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.2f} × ({self.low:.2f}–{self.high:.2f})"


@dataclasses.dataclass(frozen=True)
class _Side:
    served: Served
    pid: int
    held: bool
    """Whether its answers are; of the live version's nobody knows what is right."""


def measure(served: Served, server: ModelServer, signature: str) -> Comparison:
    """Asks both about one example at a time, in the order A B, B A, A B, …

    A candidate that seems slower is compared again, without the time for which the machine was
    busy with others: what disturbs a machine passes, a slow model stays slow.

    Args:
      served: the candidate.
      server: answers for the live version.
      signature: one that both have.
    """
    questions = [
        (signature, [place], served.body(signature, [place]))
        for place in served.pool(signature).real[:EXAMPLES]
    ]
    with served.another_connection(server.rest_url) as live:
        sides = _Side(live, server.pid, held=False), _Side(served, served.server.pid, held=True)
        for side in sides:
            _asked(side, questions, WARM_UP_REQUESTS, own=False)
        found = _compared(*sides, questions, again=0)
        while not _holds(found, served.options) and found.again < AGAIN:
            found = _compared(*sides, questions, again=found.again + 1)
    return found


def _compared(
    live: _Side, candidate: _Side, questions: Sequence[Question], again: int
) -> Comparison:
    share = -(-candidate.served.options.comparison_requests // ROUNDS)
    rounds: dict[bool, list[tuple[float, ...]]] = {False: [], True: []}
    for number in range(ROUNDS):
        for side in (live, candidate) if number % 2 else (candidate, live):
            rounds[side.held].append(_asked(side, questions, share, own=again > 0))
    return Comparison(tuple(rounds[False]), tuple(rounds[True]), again)


def _holds(found: Comparison, options: Options) -> bool:
    return all(check.ok for check in judge(found, options))


def judge(found: Comparison | None, options: Options) -> list[Check]:
    """Fails when p99 is more than `p99_ratio` × the live version's, or throughput less than
    `throughput_ratio` ×, and the confidence interval excludes 1; no row without a live version."""
    if found is None:
        return []
    p99 = ratio(found.live, found.candidate, _p99)
    rate = ratio(found.live, found.candidate, _rate)
    over = f"over {sum(map(len, found.candidate))} requests each"
    if found.again:
        over += (
            f", the {found.again + 1}. time that both were compared, without the waits for a "
            "processor"
        )
    return [
        Check(
            "latency p99 against live",
            ok=not (p99.value > options.p99_ratio and p99.low > 1),
            expected=f"≤ {options.p99_ratio:g} ×, or within the noise",
            found=f"{p99} {over}",
        ),
        Check(
            "throughput against live",
            ok=not (rate.value < options.throughput_ratio and rate.high < 1),
            expected=f"≥ {options.throughput_ratio:g} ×, or within the noise",
            found=f"{rate} {over}",
        ),
    ]


def _p99(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.percentile(values, 99, axis=-1)


def _rate(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return 1 / values.mean(axis=-1)


def ratio(live: Rounds, candidate: Rounds, figure: Figure) -> Ratio:
    """A figure of the candidate over the live version's, with a 99 % bootstrap interval.

    Whole rounds are drawn, the same of both, since what disturbs a machine lasts longer than a
    request (Efron and Tibshirani, An Introduction to the Bootstrap, 1993, chapters 8 and 13).
    """
    a, b = np.array(live, np.float64), np.array(candidate, np.float64)
    draws = np.random.default_rng(SEED).integers(0, len(a), (RESAMPLES, len(a)))
    ratios = np.divide(*(figure(each[draws].reshape(RESAMPLES, -1)) for each in (b, a)))
    tail = (100 - CONFIDENCE) / 2
    low, high = np.percentile(ratios, [tail, 100 - tail])
    return Ratio(float(figure(b.ravel()) / figure(a.ravel())), float(low), float(high))


def _asked(
    side: _Side, questions: Sequence[Question], count: int, *, own: bool
) -> tuple[float, ...]:
    """Milliseconds of each request; with `own` without its waits for a processor."""
    watch = Stopwatch(side.pid)
    milliseconds, answers = [], []
    for number in range(count):
        *_, body = questions[number % len(questions)]
        if own:
            watch.start()
        start = time.perf_counter()
        try:
            answers.append(side.served.send(body))
        except (AnswerError, OSError) as error:
            if side.held or short_of_something(error):
                raise
            raise LiveVersionError(str(error)) from error
        passed = time.perf_counter() - start
        milliseconds.append(round((watch.lap().own if own else passed) * 1e3, 3))
    # Later, so that both are asked at the same pace.
    for number, answer in enumerate(answers if side.held else ()):
        signature, places, _ = questions[number % len(questions)]
        side.served.demand(signature, places, answer)
    return tuple(milliseconds)
