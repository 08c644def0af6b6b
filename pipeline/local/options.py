"""What the command line asks of a run."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

from pipeline.tune.options import TuneOptions

_TO_SERVING = (None, "ServingCheck", "Pusher", "Variants")
"""Runs to here start a model server."""


@dataclasses.dataclass(frozen=True)
class Options:
    """Where it is told, and how much of it is to be done."""

    config: Path
    root: str | Path
    overrides: Sequence[str] = ()
    from_node: str | None = None
    to_node: str | None = None
    cache: bool = True
    json: bool = False
    jobs: int | None = 1
    """How many nodes may run at the same time; None: as processors and memory allow."""
    command: Sequence[str] = ()
    """The command line itself, printed to resume with."""
    tune: TuneOptions | None = None
    """Searches settings instead of making a model."""

    @property
    def serves(self) -> bool:
        """Whether a model is served on the way, and held against the live one."""
        return self.to_node in _TO_SERVING and not self.tune
