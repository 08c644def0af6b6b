"""Listens for HTTP connections and stops without cutting off a request."""

from __future__ import annotations

import asyncio
import socket

from serving.server.http_connection import Handler, HttpConnection
from serving.server.workers import Workers

_BACKLOG = 1024


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

    async def stop(self) -> None:
        """Accepts nothing more, answers what is being answered, and closes."""
        self._server.close()
        for connection in list(self._connections):
            connection.stop()
        await asyncio.to_thread(self._workers.stop)
        # The answers of the last jobs are on their way to the event loop.
        await asyncio.sleep(0)
