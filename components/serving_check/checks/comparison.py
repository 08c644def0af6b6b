"""Is the candidate slower than the version that is live, asked in turn with it?"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from components.serving_check import contention
from components.serving_check.answers import AnswerError
from components.serving_check.checks.check import Check
from components.serving_check.control import LiveVersionError, is_of_the_machine
from components.serving_check.options import Options
from components.serving_check.stopwatch import Stopwatch
from documents.terminal.counted import counted

if TYPE_CHECKING:
    from components.serving_check.served import Served
    from serving.launch import ModelServer

NAME = "comparison"
ROUNDS = 10
CLEAR_AFTER = 5
"""Rounds after which a candidate can be as fast so clearly that the others say nothing new."""
CLEAR = 0.5
"""Share of what it may be slower by that counts as nothing."""
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
Rounds = Sequence[Sequence[float]] | NDArray[np.float64]
"""Milliseconds of each request, round by round."""


@dataclasses.dataclass(frozen=True)
class Comparison:
    """Both, in rounds that took turns."""

    live: tuple[tuple[float, ...], ...]
    candidate: tuple[tuple[float, ...], ...]
    again: int = 0
    """How often both were compared again, because the candidate seemed slower."""
    lost_seconds: float = 0.0
    """For which the machine was busy with others; not in the milliseconds."""

    @property
    def seconds(self) -> float:
        """Of all requests to both, the lost ones too."""
        rounds = (*self.live, *self.candidate)
        return sum(map(sum, rounds)) / 1e3 + self.lost_seconds


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
    """Asks both about one example at a time, in the order A B, B A, A B, …, half as often where it
    is clear by then that nobody will feel a difference.

    A candidate that seems slower is compared again, without the time for which the machine was
    busy with others: what disturbs a machine passes, a slow model stays slow.

    Args:
      served: the candidate.
      server: answers for the live version.
      signature: one that both have.

    Raises:
      MachineError: the machine was so busy that this says nothing.
    """
    questions = [
        (signature, [place], served.body(signature, [place]))
        for place in served.pool(signature).real[:EXAMPLES]
    ]
    with served.another_connection(server.rest_url) as live:
        sides = _Side(live, server.pid, held=False), _Side(served, served.server.pid, held=True)
        for side in sides:
            for number in range(WARM_UP_REQUESTS):
                _asked(side, questions[number % len(questions)])
        found = _compared(*sides, questions, again=0)
        while not _holds(found, served.options) and found.again < AGAIN:
            found = _compared(*sides, questions, again=found.again + 1)
    p99, mean = _figures(found, served.options)
    if mean.ok(served.options) and not p99.ok(served.options):
        # What disturbs a machine disturbs both, but p99 is the few requests that it hit most.
        contention.demand_verdict(
            p99.name, p99.times.value, p99.most, found.lost_seconds, found.seconds
        )
    return found


def _compared(
    live: _Side, candidate: _Side, questions: Sequence[Question], again: int
) -> Comparison:
    share = -(-candidate.served.options.comparison_requests // ROUNDS)
    rounds: dict[bool, list[tuple[float, ...]]] = {False: [], True: []}
    lost = 0.0
    for number in range(ROUNDS):
        milliseconds: dict[bool, list[float]] = {False: [], True: []}
        for request in range(share):
            question = questions[request % len(questions)]
            # One after the other, so that what disturbs the machine disturbs both.
            for side in (live, candidate) if (number + request) % 2 else (candidate, live):
                watch = Stopwatch(side.pid) if again else None
                seconds, waited = _asked(side, question, watch)
                milliseconds[side.held].append(round(seconds * 1e3, 3))
                lost += waited
        for held, found in milliseconds.items():
            rounds[held].append(tuple(found))
        so_far = Comparison(tuple(rounds[False]), tuple(rounds[True]))
        if number + 1 == CLEAR_AFTER and not again and is_clear(so_far, candidate.served.options):
            break
    return Comparison(tuple(rounds[False]), tuple(rounds[True]), again, round(lost, 3))


def is_clear(found: Comparison, options: Options) -> bool:
    """Whether the candidate is as fast as half of the requests can show: all of the throughput's
    interval lies within its limit, and the p99 itself, or next to nothing is between them."""
    p99, mean = _figures(found, options)
    return all(
        slower <= each.most or each.more_ms <= CLEAR * options.slower_ms
        for each, slower in ((p99, p99.times.value), (mean, mean.times.high))
    )


def _holds(found: Comparison, options: Options) -> bool:
    return all(each.ok(options) for each in _figures(found, options))


@dataclasses.dataclass(frozen=True)
class _Figure:
    """One figure of the milliseconds of both versions, and how it reads."""

    name: str
    times: Ratio
    """How many times as slow the candidate is."""
    most: float
    """How many times as slow it may be."""
    more_ms: float
    """By which it is slower."""
    expected: str
    shown: Ratio

    def ok(self, options: Options) -> bool:
        """Whether nobody has to mind: little slower, or by little, or within the noise."""
        beyond = self.times.value > self.most and self.more_ms > options.slower_ms
        return not (beyond and self.times.low > 1)


def _figures(found: Comparison, options: Options) -> Iterator[_Figure]:
    live, candidate = (np.array(each, np.float64) for each in (found.live, found.candidate))

    def more_ms(figure: Figure) -> float:
        return float(figure(candidate.ravel()) - figure(live.ravel()))

    p99, mean = ratio(live, candidate, _p99), ratio(live, candidate, _mean)
    yield _Figure(
        name="latency p99 against live",
        times=p99,
        most=options.p99_ratio,
        more_ms=more_ms(_p99),
        expected=f"≤ {options.p99_ratio:g} ×",
        shown=p99,
    )
    yield _Figure(
        name="throughput against live",
        times=mean,
        most=1 / options.throughput_ratio,
        more_ms=more_ms(_mean),
        expected=f"≥ {options.throughput_ratio:g} ×",
        shown=Ratio(1 / mean.value, 1 / mean.high, 1 / mean.low),
    )


def judge(found: Comparison | None, options: Options) -> list[Check]:
    """Fails when p99 is more than `p99_ratio` × the live version's, or throughput less than
    `throughput_ratio` ×, a request takes more than `slower_ms` longer for that, and the confidence
    interval excludes 1; no row without a live version."""
    if found is None:
        return []
    over = f"over {counted(sum(map(len, found.candidate)), 'request')} each"
    if found.again:
        over += (
            f", the {found.again + 1}. time that both were compared, without the waits for a "
            f"processor ({found.lost_seconds:.1f} s of them)"
        )
    return [
        Check(
            each.name,
            ok=each.ok(options),
            expected=f"{each.expected}, or {options.slower_ms:g} ms more, or within the noise",
            found=f"{each.shown}, {each.more_ms:+.2f} ms, {over}",
        )
        for each in _figures(found, options)
    ]


def _p99(values: NDArray[np.float64]) -> NDArray[np.float64]:
    found: NDArray[np.float64] = np.percentile(values, 99, axis=-1)
    return found


def _mean(values: NDArray[np.float64]) -> NDArray[np.float64]:
    found: NDArray[np.float64] = values.mean(axis=-1)
    return found


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


def _asked(side: _Side, question: Question, watch: Stopwatch | None = None) -> tuple[float, float]:
    """Seconds of a request, and those of it for which it waited for a processor; 0 unwatched."""
    signature, places, body = question
    if watch:
        watch.start()
    start = time.perf_counter()
    try:
        answer = side.served.send(body)
    except (AnswerError, OSError) as error:
        if side.held or is_of_the_machine(error):
            raise
        raise LiveVersionError(str(error)) from error
    passed = time.perf_counter() - start
    own = min(passed, watch.lap().own) if watch else passed
    if side.held:
        side.served.demand(signature, places, answer)
    return own, passed - own
