"""One fault that was made, and what was wrong about how it was taken."""

from __future__ import annotations

import dataclasses
import random
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

HANG_SECONDS = 5.0
"""CPU seconds after which a command that has nothing long to do counts as hanging."""


@dataclasses.dataclass(frozen=True)
class Trial:
    """The fault in a few words; `problem` is None when all was as it should be."""

    fault: str
    problem: str | None = None


@dataclasses.dataclass(frozen=True)
class Budget:
    """How long a kind of fault may go on, where it works, and its dice."""

    folder: Path
    """Empty, of its own."""
    shared: Path
    """For what several kinds need and is dear to make: see pipeline_run.finished_root."""
    deadline: float
    """time.monotonic() by which no further trial begins."""
    dice: random.Random

    @property
    def is_spent(self) -> bool:
        return not self.allows(0)

    def halved(self) -> Budget:
        """Until half of its time is up."""
        now = time.monotonic()
        return dataclasses.replace(self, deadline=now + (self.deadline - now) / 2)

    def allows(self, seconds: float) -> bool:
        """Whether a trial that takes about so long may still begin."""
        return time.monotonic() + seconds < self.deadline


class Kind(Protocol):
    """A kind of fault: a module in `kinds/`."""

    __name__: str
    name: str
    share: float
    """Its part of the campaign's time, beside the other kinds' parts."""

    def missing(self) -> str | None:
        """Why these faults cannot be made on this machine; None when they can."""

    def trials(self, budget: Budget) -> Iterator[Trial]:
        """Makes faults, one after the other, until the budget is spent or there are no more."""


def problem_of(code: int, shown: str, allowed: tuple[int, ...]) -> str | None:
    """What is wrong about a command's exit code and words; None for nothing."""
    if "Traceback (most recent call last)" in shown:
        return f"a trace: {shown.strip().splitlines()[-1]}"
    if code not in allowed:
        said = shown.strip().splitlines()[-1:] or ["nothing"]
        return f"exit code {code} instead of {' or '.join(map(str, allowed))}; it said: {said[0]}"
    return None
