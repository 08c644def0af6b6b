"""A schedule on a server elsewhere: what starts runs again and again."""

from __future__ import annotations

import dataclasses
import datetime
from typing import Any

from pipeline.kubeflow.remote.cron import Cron


@dataclasses.dataclass(frozen=True)
class When:
    """Either a cron or an interval, and how runs that overlap or were missed are treated."""

    cron: Cron | None = None
    every: int | None = None
    """Seconds between two starts."""
    max_concurrency: int = 1
    catch_up: bool = False
    """Whether what a pause or an outage made it miss is run afterwards, each one."""

    @property
    def text(self) -> str:
        return f"`{self.cron.text}` (seconds first, UTC)" if self.cron else f"every {self.every} s"


@dataclasses.dataclass(frozen=True)
class Schedule:
    """One that exists."""

    id: str
    name: str
    active: bool
    when: str
    max_concurrency: int | None = None
    catch_up: bool | None = None
    created: datetime.datetime | None = None
    root: str | None = None
    error: str | None = None

    def as_json(self) -> dict[str, Any]:
        made = dataclasses.asdict(self)
        made["created"] = self.created.isoformat() if self.created else None
        made["pipeline_root"] = made.pop("root")
        return made
