"""What all HTTP connections of a server have in common."""

from __future__ import annotations

import dataclasses

from serving.server.http.handed_back import HandedBack
from serving.server.http.open_connection import OpenConnection
from serving.server.http.request import Handler
from serving.server.http.workers import Workers


@dataclasses.dataclass
class Shared:
    """Its limits, who answers, and the connections themselves."""

    handler: Handler
    """Answers a request; called in a worker."""
    workers: Workers
    max_body: int
    """Largest body in bytes."""
    max_held: int
    """Bytes of bodies that may be held at a time by all connections together."""
    idle_seconds: float
    """How long a connection may wait between requests, or the other side for the next bytes."""
    handed_back: HandedBack = dataclasses.field(init=False)
    """Takes what workers have done to the event loop; there from when the server starts."""
    held: int = 0
    connections: set[OpenConnection] = dataclasses.field(default_factory=set)
    """The open ones."""
