"""A run as a server elsewhere tells of it, whichever server it is."""

from __future__ import annotations

import dataclasses
import datetime
from typing import Any, Literal

State = Literal["waiting", "running", "done", "cached", "skipped", "failed", "cancelled", "paused"]
"""Of a node. Names that the local runner has too mean the same."""
RunState = Literal[
    "pending", "running", "succeeded", "failed", "cancelling", "cancelled", "paused", "unknown"
]
ENDED: frozenset[RunState] = frozenset({"succeeded", "failed", "cancelled"})
NODE_ENDED: frozenset[State] = frozenset({"done", "cached", "skipped", "failed", "cancelled"})


@dataclasses.dataclass(frozen=True)
class Node:
    """One node of a run."""

    name: str
    state: State
    started: datetime.datetime | None = None
    ended: datetime.datetime | None = None
    attempts: int = 1
    error: str | None = None
    logs: tuple[str, ...] = ()
    """Whom to ask for its log, the likeliest first: names of pods, or ids of jobs."""

    def seconds(self, now: datetime.datetime) -> float | None:
        if self.started is None:
            return None
        return max(0.0, ((self.ended or now) - self.started).total_seconds())


@dataclasses.dataclass(frozen=True)
class Run:
    """One run; `nodes` in the order of the graph, empty until the server knows them."""

    id: str
    name: str
    state: RunState
    created: datetime.datetime | None = None
    ended: datetime.datetime | None = None
    nodes: tuple[Node, ...] = ()
    error: str | None = None
    root: str | None = None
    """Of the artifacts; None where the cluster chooses."""
    page: str | None = None
    """Address of the run in the web interface."""
    decision: tuple[str, str | None] | None = None
    """Outcome and reason, where the server itself tells what the Pusher left."""

    @property
    def over(self) -> bool:
        return self.state in ENDED

    def node(self, name: str) -> Node | None:
        return next((node for node in self.nodes if node.name == name), None)

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "name": self.name,
            "state": self.state,
            "created": _text(self.created),
            "ended": _text(self.ended),
            "pipeline_root": self.root,
            "page": self.page,
            "error": self.error,
            "nodes": [
                {
                    "name": node.name,
                    "state": node.state,
                    "started": _text(node.started),
                    "ended": _text(node.ended),
                    "attempts": node.attempts,
                    "error": node.error,
                }
                for node in self.nodes
            ],
        }


def parse_time(text: Any) -> datetime.datetime | None:
    """RFC 3339; servers write the beginning of 1970, or of our era, for what has not happened."""
    if not isinstance(text, str):
        return None
    whole, point, fraction = text.strip().rstrip("Z").partition(".")
    try:
        found = datetime.datetime.fromisoformat(whole + (point and f".{fraction[:6]:0<6}"))
    except ValueError:
        return None
    if found.tzinfo is None:
        found = found.replace(tzinfo=datetime.timezone.utc)
    return found if found.year > 1970 else None


def _text(time: datetime.datetime | None) -> str | None:
    return time.isoformat().replace("+00:00", "Z") if time else None
