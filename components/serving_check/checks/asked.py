"""Questions of one kind to one signature on one path, and whether all were answered rightly."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from components.serving_check.checks.check import Check

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


def judge(name: str, expected: str, asked: Sequence[Asked]) -> list[Check]:
    """One row: passes when nothing was wrong; says what was the first thing, and where else."""
    problems = [each for each in asked if each.problem]
    requests, examples = (sum(getattr(each, key) for each in asked) for key in _COUNTS)
    found = f"{requests:,} requests with {examples:,} examples, all right"
    if problems:
        found = problems[0].problem
        others = {f"{each.signature} on {each.path}" for each in problems[1:]}
        if others:
            found += f"; and wrong in {len(others)} more series"
    return [Check(name, ok=not problems, expected=expected, found=found)]


_COUNTS = ("requests", "examples")
