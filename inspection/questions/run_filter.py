"""Which runs are wanted, and in which order."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Iterable, Sequence

from inspection.records import Run

ORDERS = ("newest", "oldest", "longest", "shortest")


@dataclasses.dataclass(frozen=True)
class RunFilter:
    """What a run must be; None wants any."""

    pipeline: str | None = None
    fate: str | None = None
    """The outcome or the fate of its model: `refused`, `live`, `failed`, `killed`, …"""
    since: datetime.datetime | None = None
    """Started then or later."""
    order: str = ORDERS[0]
    """One of ORDERS."""

    @property
    def is_set(self) -> bool:
        """Whether it leaves anything out for another reason than its pipeline."""
        return self.fate is not None or self.since is not None

    def of(self, runs: Iterable[Run]) -> Sequence[Run]:
        """Those that fit by what their records say, in the order that is wanted."""
        found = [run for run in runs if self._fits(run)]
        if self.order in ("longest", "shortest"):
            known = [run for run in found if run.seconds is not None]
            return sorted(known, key=_seconds, reverse=self.order == "longest")
        return found if self.order == "oldest" else found[::-1]

    def wants(self, outcome: str, fate: str) -> bool:
        """Whether a run that came out so fits."""
        return self.fate in (None, outcome, fate)

    def _fits(self, run: Run) -> bool:
        if self.pipeline not in (None, run.pipeline):
            return False
        return self.since is None or (run.started is not None and run.started >= self.since)


def _seconds(run: Run) -> float:
    return run.seconds or 0.0
