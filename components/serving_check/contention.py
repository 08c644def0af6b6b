"""What it means for a limit of time that a machine is busy with others.

Waits for a processor can be measured and subtracted (stopwatch.py). What cannot: whoever computes
between others finds caches cold, and shares a core with them.
"""

from __future__ import annotations

from components.serving_check.control import machine_error
from components.serving_check.stopwatch import Lap

IDLE = 0.02
"""Share of the time lost to others up to which a machine is as good as idle."""
CROWDED = 0.5
"""Share from which on what cannot be subtracted may decide."""
DRAG = 2.0
"""How many times slower it makes a request, at most."""


def is_idle(lost: float, total: float) -> bool:
    """Whether nothing but the model was in the way of requests that took `total` seconds."""
    return lost < IDLE * total


def is_still(lap: Lap, patience: float) -> bool:
    """Whether a server that gave no answer for `patience` seconds did not work at one for most of
    them, as one that was stopped for a while and goes on."""
    return sum(lap.runs) + lap.longest_wait < patience / 2


def is_crowded(lost: float, total: float) -> bool:
    """Whether others had most of the time."""
    return lost > CROWDED * total


def waited(lap: Lap) -> float:
    """Seconds of a long task for which others had the processors.

    A load goes from thread to thread, each of which waits: where others have most of the time, to
    subtract the waits of one alone would have a good model be late. Elsewhere threads wait beside
    one another. What a thread computed is never subtracted.
    """
    return lap.lost if is_crowded(lap.lost, lap.wall) else min(lap.lost, lap.longest_wait)


def demand_verdict(what: str, value: float, limit: float, lost: float, total: float) -> None:
    """Lets nobody be refused for a value that so busy a machine can have brought about.

    Args:
      what: is too slow, for a sentence.
      value: without the waits for a processor, greater than `limit`; of any unit.
      lost: seconds of those waits.
      total: seconds with them.

    Raises:
      MachineError: a machine with less to do might tell otherwise.
    """
    if is_crowded(lost, total) and limit < value <= DRAG * limit:
        raise machine_error(
            RuntimeError(
                f"{what} is above its limit, but this machine gave {lost / total:.0%} of the time "
                "to others, so that no verdict can be had"
            )
        )
