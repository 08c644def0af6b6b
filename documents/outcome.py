"""How a run, or the push at its end, came out."""

from __future__ import annotations

import re
from typing import Literal

PushOutcome = Literal["pushed", "already_live", "refused", "withdrawn"]
"""What became of a candidate; `withdrawn` was pushed, and no model server confirmed it."""

Outcome = Literal[
    "pushed",
    "already_live",
    "refused",
    "withdrawn",
    "failed",
    "interrupted",
    "running",
    "unfinished",
]
"""`unfinished` ended before the Pusher, as it was told to."""

# Whoever only has a log, as from a cluster, reads the outcome from this line.
_PUSH_LINE = re.compile(r"The push came out as (pushed|already_live|refused|withdrawn): (.*)")


def push_line(outcome: PushOutcome, reason: str) -> str:
    """What the Pusher logs at its end, on one line.

    Args:
      reason: why, or the path of the version that was pushed.
    """
    return f"The push came out as {outcome}: {' '.join(reason.split())}"


def read_push_line(line: str) -> tuple[str, str] | None:
    """Outcome and reason, where a line of a log ends with what `push_line` says."""
    found = _PUSH_LINE.search(line)
    return (found[1], found[2]) if found else None
