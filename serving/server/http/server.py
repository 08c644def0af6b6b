"""Listens for HTTP connections, few enough and not too long, and stops without cutting off any."""

from __future__ import annotations

import asyncio
import errno
import logging
import socket

from serving.server.http.connection import HttpConnection
from serving.server.http.handed_back import HandedBack
from serving.server.http.request import Handler
from serving.server.http.shared import Shared
from serving.server.http.workers import Workers

_logger = logging.getLogger(__name__)

_BACKLOG = 1024
_ACCEPTED_AT_ONCE = 64
_SWEEP_SECONDS = 1.0
_PAUSE_SECONDS = 0.5
"""Before connections are accepted again after the system had no room for one."""
_STOP_TICK_SECONDS = 0.01
_SLOW_SECONDS = 5.0
"""From then on a request that is still on its way may have to make room for others."""
_BODIES_HELD = 8
"""Bodies of the largest size that may be held at a time."""
_NO_ROOM = frozenset((errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM))
_BUSY = (
    b"HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\n"
    b"Content-Length: 62\r\nConnection: close\r\n\r\n"
    b'{"error":"The server has as many connections as it may have"}\n'
)


class HttpServer:
    """Serves a handler on one socket."""

    def __init__(
        self,
        handler: Handler,
        *,
        threads: int,
        max_body: int,
        max_connections: int = 1000,
        idle_seconds: float = 60.0,
    ) -> None:
        """Nothing is opened yet.

        Args:
          handler: answers method, path, body and origin; called in a worker.
          threads: number of workers.
          max_body: largest request body in bytes.
          max_connections: that are open at a time. A new one takes the place of the one that waits
            longest for a request; when all are at work, it is refused.
          idle_seconds: how long one may wait for a request, or a client for its next bytes.
        """
        self._max_connections = max_connections
        self._shared = Shared(
            handler, Workers(threads), max_body, _BODIES_HELD * max_body, idle_seconds
        )
        self._opening: set[asyncio.Task[object]] = set()

    async def start(self, listener: socket.socket) -> None:
        """Accepts connections on a bound socket."""
        self._loop = asyncio.get_running_loop()
        self._shared.handed_back = HandedBack(self._loop)
        self._listener = listener
        listener.setblocking(False)
        listener.listen(_BACKLOG)
        self._listening = True
        self._loop.add_reader(listener, self._accept)
        self._loop.call_later(_SWEEP_SECONDS, self._sweep)

    def _accept(self) -> None:
        # Not asyncio's own loop, which goes on after a failure as often as the backlog is long and
        # writes a stack trace each time.
        for _ in range(_ACCEPTED_AT_ONCE):
            if self._opening and self._count >= self._max_connections:
                return  # Until those are open, nobody knows which of them wait.
            try:
                client, _ = self._listener.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                return
            except OSError as error:
                if error.errno not in _NO_ROOM:
                    raise
                self._make_room()
                self._pause(error)
                return
            if self._count >= self._max_connections and not self._make_room():
                self._refuse(client)
                continue
            client.setblocking(False)
            task = self._loop.create_task(self._loop.connect_accepted_socket(self._connect, client))
            self._opening.add(task)
            task.add_done_callback(self._opening.discard)

    @property
    def _count(self) -> int:
        return len(self._shared.connections) + len(self._opening)

    def _connect(self) -> HttpConnection:
        return HttpConnection(self._shared)

    def _pause(self, error: OSError) -> None:
        _logger.error("No connection can be accepted: %s", error.strerror)
        self._loop.remove_reader(self._listener)
        self._loop.call_later(_PAUSE_SECONDS, self._resume)

    def _resume(self) -> None:
        if self._listening:
            self._loop.add_reader(self._listener, self._accept)

    def _make_room(self) -> bool:
        """Closes the connection that waits longest, or else the one that receives most slowly."""
        idle = [(c.idle_since, id(c), c) for c in self._shared.connections if c.idle_since]
        slow = [
            (since, id(c), c)
            for c in self._shared.connections
            if (since := c.receiving_since) and self._loop.time() - since > _SLOW_SECONDS
        ]
        for candidates in (idle, slow):
            if candidates:
                min(candidates)[2].close()
                return True
        return False

    def _refuse(self, client: socket.socket) -> None:
        _logger.warning("A connection is refused: %d are open and at work", self._count)
        with client:
            client.setblocking(False)
            try:
                client.send(_BUSY)
            except OSError:
                return

    def _sweep(self) -> None:
        now = self._loop.time()
        for connection in list(self._shared.connections):
            connection.enforce_time(now)
        self._loop.call_later(_SWEEP_SECONDS, self._sweep)

    async def stop(self, grace_seconds: float) -> None:
        """Accepts nothing more, answers what is on its way, and closes.

        A client that does not send its request or read its answer within the grace period loses it.
        """
        self._listening = False
        self._loop.remove_reader(self._listener)
        self._listener.close()
        for connection in list(self._shared.connections):
            connection.stop()
        deadline = self._loop.time() + grace_seconds
        while self._shared.connections and self._loop.time() < deadline:
            await asyncio.sleep(_STOP_TICK_SECONDS)
