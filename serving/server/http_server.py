"""Listens for HTTP connections and stops without cutting off a request."""

from __future__ import annotations

import asyncio
import socket

from serving.server.http_connection import Handler, HttpConnection
from serving.server.workers import Workers

_BACKLOG = 1024
_STOP_TICK_SECONDS = 0.01


class HttpServer:
    """Serves a handler on one socket."""

    def __init__(self, handler: Handler, *, threads: int, max_body: int) -> None:
        """Nothing is opened yet.

        Args:
          handler: answers method, path and body; called in a worker.
          threads: number of workers.
          max_body: largest request body in bytes.
        """
        self._handler = handler
        self._max_body = max_body
        self._workers = Workers(threads)
        self._connections: set[HttpConnection] = set()

    async def start(self, listener: socket.socket) -> None:
        """Accepts connections on a bound socket."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._connect, sock=listener, backlog=_BACKLOG)

    def _connect(self) -> HttpConnection:
        return HttpConnection(self._handler, self._workers, self._connections, self._max_body)

    async def stop(self, grace_seconds: float) -> None:
        """Accepts nothing more, answers what is being answered, and closes.

        A client that does not read its answer within the grace period loses it.
        """
        self._server.close()
        for connection in list(self._connections):
            connection.stop()
        deadline = asyncio.get_running_loop().time() + grace_seconds
        while self._connections and asyncio.get_running_loop().time() < deadline:
            await asyncio.sleep(_STOP_TICK_SECONDS)
