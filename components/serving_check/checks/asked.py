"""Questions of one kind to one signature on one path, and whether all were answered rightly."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from components.serving_check.checks.check import Check
from documents.terminal.counted import counted

if TYPE_CHECKING:
    from components.serving_check.paths import Path
    from components.serving_check.served import Served


@dataclasses.dataclass(frozen=True)
class Asked:
    """What was asked, and the first thing that was wrong with an answer."""

    signature: str
    path: str
    what: str
    requests: int
    examples: int
    problem: str = ""


def ask(
    served: Served, signature: str, way: Path, what: str, questions: Iterable[Sequence[int]]
) -> Asked:
    """Asks about batches of places in the signature's pool, until an answer is wrong."""
    requests = examples = 0
    problem = None
    for places in questions:
        problem = served.problem(signature, places, way)
        requests += 1
        examples += len(places)
        if problem:
            problem = f"{problem} ({way.name})"
            break
    return Asked(signature, way.name, what, requests, examples, problem or "")


def until_wrong(
    series: Callable[[Served], Iterable[Asked]],
) -> Callable[[Served], tuple[Asked, ...]]:
    """Makes a `measure` that goes through the series until something is wrong: one wrong answer
    refuses a candidate, and thousands of requests more would say nothing new."""

    @functools.wraps(series)
    def measure(served: Served) -> tuple[Asked, ...]:
        done = []
        for each in series(served):
            done.append(each)
            if each.problem:
                break
        return tuple(done)

    return measure


def judge(name: str, expected: str, asked: Sequence[Asked]) -> list[Check]:
    """One row: passes when nothing was wrong, and says what was."""
    problems = [each for each in asked if each.problem]
    requests, examples = (sum(getattr(each, key) for each in asked) for key in _COUNTS)
    found = f"{counted(requests, 'request')} with {counted(examples, 'example')}, all right"
    if problems:
        found = problems[0].problem
    return [Check(name, ok=not problems, expected=expected, found=found)]


_COUNTS = ("requests", "examples")
