"""One HTTP/1.1 connection: keep-alive, pipelining, chunked bodies, and limits on all of it."""

from __future__ import annotations

import asyncio
import collections
import contextlib
import dataclasses
import functools
import http
from collections.abc import Callable
from typing import Any

import httptools

from serving.server import gzip_body
from serving.server.rest import Answer, refusal
from serving.server.status import StatusError, invalid_argument
from serving.server.workers import Workers

MAX_HEAD_BYTES = 64 * 2**10
MAX_PIPELINED = 16
"""Requests of one connection that may wait for their turn before reading from it pauses."""

Handler = Callable[[str, str, bytes], Answer]
"""Method, path without query, and body to answer."""


@dataclasses.dataclass(frozen=True)
class _Request:
    method: str
    path: str
    body: bytes
    keep_alive: bool
    gzip: bool = False
    refused: Answer | None = None
    """The answer to a request that broke a limit; the connection ends with it."""


class HttpConnection(asyncio.Protocol):
    """Parses requests in the event loop, has them answered by workers, one at a time."""

    def __init__(
        self, handler: Handler, workers: Workers, connections: set[HttpConnection], max_body: int
    ) -> None:
        """One is made for each connection.

        Args:
          handler: answers a request; called in a worker.
          workers: where to run it.
          connections: the open ones, of which this is one while it is open.
          max_body: largest body in bytes.
        """
        self._handler = handler
        self._workers = workers
        self._connections = connections
        self._max_body = max_body
        self._loop = asyncio.get_running_loop()
        self._waiting: collections.deque[_Request] = collections.deque()
        self._busy = False
        self._closing = False
        self._writable = True
        self._unreported = 0
        self._start_request()

    # asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._parser: Any = httptools.HttpRequestParser(self)
        self._connections.add(self)

    def connection_lost(self, error: Exception | None) -> None:
        self._connections.discard(self)
        self._closing = True
        self._waiting.clear()

    def data_received(self, data: bytes) -> None:
        if self._closing:
            return
        # The parser gathers headers, and trailers, of any length before it reports them.
        self._unreported += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            # The request itself was reported; the other protocol that follows is not spoken here.
            self._closing = True
        except httptools.HttpParserError as error:
            if not self._closing:
                self._refuse(http.HTTPStatus.BAD_REQUEST, f"Malformed HTTP request: {error}")
        if self._unreported > MAX_HEAD_BYTES:
            self._refuse(
                http.HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
                f"The header is larger than {MAX_HEAD_BYTES} bytes",
            )

    def pause_writing(self) -> None:
        self._writable = False

    def resume_writing(self) -> None:
        self._writable = True
        self._next()

    # httptools callbacks

    def on_message_begin(self) -> None:
        self._start_request()

    def on_url(self, url: bytes) -> None:
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        name = name.lower()
        if name == b"expect" and value.lower() == b"100-continue":
            self._expects_continue = True
        elif name == b"content-encoding":
            self._gzip = gzip_body.is_gzip(value.decode("latin-1"))
        elif name == b"content-length" and int(value) > self._max_body:
            self._refuse_body()

    def on_headers_complete(self) -> None:
        self._unreported = 0
        if self._expects_continue and not self._closing:
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def on_body(self, body: bytes) -> None:
        self._unreported = 0
        self._body_bytes += len(body)
        if self._body_bytes > self._max_body:
            self._refuse_body()
        elif not self._closing:
            self._body.append(body)

    def on_message_complete(self) -> None:
        self._unreported = 0
        if not self._closing:
            self._enqueue(
                _Request(
                    method=self._parser.get_method().decode("ascii"),
                    path=self._url.partition(b"?")[0].decode("utf-8", "replace"),
                    body=self._body[0] if len(self._body) == 1 else b"".join(self._body),
                    keep_alive=self._parser.should_keep_alive(),
                    gzip=self._gzip,
                )
            )

    # Answers, in the order of the requests

    def _start_request(self) -> None:
        self._url = b""
        self._body: list[bytes] = []
        self._body_bytes = 0
        self._expects_continue = False
        self._gzip = False

    def _refuse_body(self) -> None:
        self._refuse(
            http.HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            f"The request body is larger than {self._max_body} bytes;"
            " --rest_api_max_body_bytes sets the limit",
        )

    def _refuse(self, status: int, message: str) -> None:
        """Queues an error as the last answer; what comes after it on the connection is lost."""
        if self._closing:
            return
        self._closing = True
        self._body = []
        answer = refusal(invalid_argument(message), status)
        self._enqueue(_Request("", "", b"", keep_alive=False, refused=answer))

    def _enqueue(self, request: _Request) -> None:
        self._waiting.append(request)
        if len(self._waiting) == MAX_PIPELINED:
            self._transport.pause_reading()
        self._next()

    def _next(self) -> None:
        if self._busy or not self._waiting or not self._writable:
            return
        if len(self._waiting) == MAX_PIPELINED:
            self._transport.resume_reading()
        request = self._waiting.popleft()
        if request.refused is not None:
            self._write(request, request.refused)
            return
        self._busy = True
        self._workers.submit(functools.partial(self._work, request))

    def _work(self, request: _Request) -> None:
        try:
            body = gzip_body.unpack(request.body, self._max_body) if request.gzip else request.body
            answer = self._handler(request.method, request.path, body)
        except gzip_body.TooLargeError as error:
            answer = refusal(error, http.HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        except StatusError as error:
            answer = refusal(error)
        with contextlib.suppress(RuntimeError):  # The loop has ended; nobody waits any more.
            self._loop.call_soon_threadsafe(self._finish, request, answer)

    def _finish(self, request: _Request, answer: Answer) -> None:
        self._busy = False
        if not self._transport.is_closing():
            self._write(request, answer)
            self._next()

    def _write(self, request: _Request, answer: Answer) -> None:
        last = not request.keep_alive or (self._closing and not self._waiting)
        connection = "Connection: close\r\n" if last else ""
        head = (
            f"HTTP/1.1 {answer.status} {_REASONS.get(answer.status, '')}\r\n"
            f"Content-Type: {answer.content_type}\r\n"
            f"Content-Length: {len(answer.body)}\r\n{connection}\r\n"
        ).encode("ascii")
        self._transport.write(head if request.method == "HEAD" else head + answer.body)
        if last:
            self._closing = True
            self._transport.close()

    def stop(self) -> None:
        """Closes the connection once the request that is being answered is answered."""
        self._closing = True
        self._waiting.clear()
        if not self._busy:
            self._transport.close()


_REASONS = {status.value: status.phrase for status in http.HTTPStatus}
