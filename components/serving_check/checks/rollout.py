"""What do clients notice when versions come, go, and come half copied?"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Sequence

from components.serving_check.checks.check import Check
from components.serving_check.checks.latency import times
from components.serving_check.options import Options
from documents.terminal.counted import counted

NAME = "rollout"


@dataclasses.dataclass(frozen=True)
class Tally:
    """What clients were answered in TALLY_SECONDS."""

    former: int
    """Answers of the version that was live before; of the only one, where both answer alike."""
    latter: int
    failed: int


TALLY_SECONDS = 0.1


@dataclasses.dataclass(frozen=True)
class Stage:
    """What eight clients saw during one change of the base path."""

    requests: int
    failures: tuple[str, ...]
    """What was said instead of an answer, once each."""
    failed: int
    wrong: int
    """Answers that were neither version's."""
    seconds: float | None
    """Until the version that should be live was AVAILABLE and answered; None: it never was."""
    went_back: int = 0
    """Clients that heard the former version again after the latter one had answered them."""
    acted: float = 0.0
    """Seconds from the first of `tallies` until the base path was changed."""
    tallies: tuple[Tally, ...] = ()
    """From the first request to the last one."""
    waited: float = 0.0
    """Of `seconds`, what the server could have used and was given no processor for."""
    mistakes: tuple[str, ...] = ()
    """What was wrong with the wrong answers, once each."""
    busy: float = 0.0
    """Share of the time that others may have had, from 0 to 1: waits of several threads overlap."""
    again: int = 0
    """How often it was done again, because it took too long on a machine busy with others."""

    @property
    def own(self) -> float | None:
        """Seconds without those that nobody gave the server a processor for."""
        return None if self.seconds is None else self.seconds - self.waited


@dataclasses.dataclass(frozen=True)
class Rollout:
    """The three changes."""

    swap: Stage
    rollback: Stage
    partial: Stage
    partial_copies: tuple[str, ...]
    """In which ways the candidate was half copied."""
    megabytes: float
    """Peak of the server's memory, with both versions resident."""
    backend: str


def judge(found: Rollout, options: Options) -> list[Check]:
    """The rows: hot swap, rollback, partial copies, memory with both versions."""
    seconds = options.switch_seconds
    return [
        Check(
            "hot swap",
            ok=_flawless(found.swap, seconds) and not found.swap.went_back,
            expected=f"no failed request, one switch, new version live within {seconds:g} s",
            found=_told(found.swap),
        ),
        Check(
            "rollback",
            ok=_flawless(found.rollback, seconds) and not found.rollback.went_back,
            expected=f"no failed request, former version back within {seconds:g} s",
            found=_told(found.rollback),
        ),
        Check(
            "partial copies",
            # The C++ server reports some of them AVAILABLE, and then says that it cannot answer.
            ok=not found.partial.wrong
            and not (found.backend == "embedded" and found.partial.failed),
            expected=f"no wrong answer beside {len(found.partial_copies)} half-copied versions",
            found=_answered(found.partial),
        ),
        Check(
            "memory, both versions",
            ok=found.megabytes <= options.megabytes_both,
            expected=f"peak ≤ {options.megabytes_both:g} MB",
            found=f"{found.megabytes:.0f} MB",
        ),
    ]


def _flawless(stage: Stage, seconds: float) -> bool:
    return in_time(stage, seconds) and stage.requests > 0 and not stage.failed and not stage.wrong


def in_time(stage: Stage, seconds: float) -> bool:
    """Whether the right version answered within so many seconds."""
    return stage.own is not None and stage.own <= seconds


def _told(stage: Stage) -> str:
    live = "never live" if stage.seconds is None else f"live after {stage.seconds:.1f} s"
    busy = f", {stage.waited:.1f} s of them without a processor" if stage.waited > 1 else ""
    again = f", done again {times(stage.again)}" if stage.again else ""
    return f"{_answered(stage)}, {live}{busy}{again}"


def _answered(stage: Stage) -> str:
    parts = [f"{counted(stage.requests, 'request')}, {stage.failed} failed"]
    if stage.failures:
        parts[0] += f" ({stage.failures[0]})"
    if stage.wrong:
        parts.append(f"{stage.wrong} answered wrongly")
        parts[-1] += f" ({stage.mistakes[0]})" if stage.mistakes else ""
    parts += (
        [f"{counted(stage.went_back, 'client was', 'clients were')} sent back"]
        if stage.went_back
        else []
    )
    return ", ".join(parts)


def went_back(sequences: Sequence[Sequence[bool]]) -> int:
    """How many clients heard the former version after the latter one.

    Args:
      sequences: for each client whether each of its answers was the latter version's.
    """
    return sum(any(a and not b for a, b in itertools.pairwise(s)) for s in sequences)
