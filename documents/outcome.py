"""How a run, or the push at its end, came out."""

from __future__ import annotations

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
