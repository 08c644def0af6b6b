"""What a search is given."""

from __future__ import annotations

import dataclasses


@dataclasses.dataclass(frozen=True)
class TuneOptions:
    """How long a search may take, and what becomes of what it finds."""

    minutes: float
    """From the start of the command to its end."""
    trials: int | None = None
    """At most; None for as many as there is time for."""
    write: bool = False
    """Whether the settings file is changed."""
