"""One HTTP/1.1 connection: keep-alive, pipelining, chunked bodies, and limits on all of it."""

from __future__ import annotations

import asyncio
import collections
import functools
import http
from typing import Any

import httptools

from serving.server.http import gzip_body, upgrade_declined
from serving.server.http.framing import framed
from serving.server.http.request import HttpRequest
from serving.server.http.request_target import read_target
from serving.server.http.shared import Shared
from serving.server.rest import Answer, Body, refusal
from serving.server.status import Code, StatusError

MAX_HEAD_BYTES = 64 * 2**10
MAX_PIPELINED = 16
"""Requests of one connection that may wait for their turn before reading from it pauses."""
LEAST_BYTES_PER_SECOND = 20_000
"""A client that sends a request more slowly holds a connection without need."""


class HttpConnection(asyncio.Protocol):
    """Parses requests in the event loop, has them answered by workers, one at a time."""

    def __init__(self, shared: Shared) -> None:
        """One is made for each connection."""
        self._shared = shared
        self._max_body = shared.max_body
        self._loop = asyncio.get_running_loop()
        self._waiting: collections.deque[HttpRequest] = collections.deque()
        self._busy = False
        self._closing = False
        self._draining = False
        self._unreported = 0
        self._held = 0
        self._body: Body = b""
        self._outgoing: collections.deque[bytes] = collections.deque()
        """What of an answer the transport has no room for yet."""
        self._sending_since = 0.0
        self._sent = 0
        now = self._loop.time()
        self._idle_since = now
        self._began: float | None = None
        """When the first byte came of a request that is not complete."""
        self._received_at = now
        self._blocked_since: float | None = None
        """When the client stopped to read its answers."""
        self._start_request()

    # asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._parser: Any = httptools.HttpRequestParser(self)
        self._shared.connections.add(self)

    def connection_lost(self, error: Exception | None) -> None:
        self._shared.connections.discard(self)
        self._closing = True
        self._body = b""
        self._waiting.clear()
        self._outgoing.clear()
        self._release(self._held)

    def data_received(self, data: bytes) -> None:
        if self._closing:
            return
        self._received_at = self._loop.time()
        # The parser gathers headers, and trailers, of any length before it reports them.
        self._unreported += len(data)
        try:
            self._parse(data)
        except httptools.HttpParserError as error:
            if not self._closing:
                self._refuse(http.HTTPStatus.BAD_REQUEST, f"Malformed HTTP request: {error}")
        if self._unreported > MAX_HEAD_BYTES:
            self._refuse(
                http.HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
                f"The header is larger than {MAX_HEAD_BYTES} bytes",
            )

    def _parse(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            if self._parser.get_method() == b"CONNECT":
                # It was reported; the other protocol that follows is not spoken here.
                self._closing = True
            elif not self._closing:
                # Nor is HTTP/2, which Java's client offers with its first request. It goes on with
                # HTTP/1.1 where nobody takes the offer, but this parser does not.
                head = upgrade_declined.without_offer(self._parser, self._url, self._headers)
                self._parser = httptools.HttpRequestParser(self)
                self._parser.feed_data(head)
                self._parse(data[upgrade.args[0] :])

    def eof_received(self) -> bool:
        """A client that sends no more may still read: what came whole is answered, then it ends."""
        self._closing = True
        return self._answering

    def pause_writing(self) -> None:
        self._blocked_since = self._loop.time()

    def resume_writing(self) -> None:
        self._blocked_since = None
        self._idle_since = self._loop.time()
        self._send()
        self._next()

    # Time

    @property
    def idle_since(self) -> float | None:
        """Since when it waits for a request; None while there is one."""
        if self._closing or self._began is not None or self._answering:
            return None
        return self._idle_since

    @property
    def receiving_since(self) -> float | None:
        """Since when a request is on its way; None when there is none or others are answered."""
        return None if self._closing or self._answering else self._began

    @property
    def _answering(self) -> bool:
        return self._answering_one or bool(self._waiting)

    @property
    def _answering_one(self) -> bool:
        return self._busy or bool(self._outgoing) or self._blocked_since is not None

    def enforce_time(self, now: float) -> None:
        """Ends the connection if its client takes too long; called every now and then."""
        limit = self._shared.idle_seconds
        if self._blocked_since is not None:
            longest = limit + self._sent / LEAST_BYTES_PER_SECOND
            if now - self._blocked_since > limit or now - self._sending_since > longest:
                self._transport.abort()
        elif self._closing:
            # The last answer is on its way to a client that does not take it.
            if not self._answering and now - self._idle_since > limit:
                self._transport.abort()
        elif self._answering:
            return
        elif self._began is None:
            if now - self._idle_since > limit:
                self.close()
        elif (
            now - self._received_at > limit
            or now - self._began > limit + self._body_bytes / LEAST_BYTES_PER_SECOND
        ):
            self._refuse(
                http.HTTPStatus.REQUEST_TIMEOUT,
                f"The request did not arrive within {limit:g} seconds; --idle_timeout_seconds sets"
                " the limit",
            )

    def close(self) -> None:
        """Ends the connection at once; what it is about to receive is lost."""
        self._closing = True
        self._transport.close()

    # httptools callbacks

    def on_message_begin(self) -> None:
        self._began = self._loop.time()
        self._start_request()

    def on_url(self, url: bytes) -> None:
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        name = name.lower()
        self._headers.append((name, value))
        if name == b"expect" and value.lower() == b"100-continue":
            self._expects_continue = True
        elif name == b"content-encoding":
            self._gzip = gzip_body.is_gzip(value.decode("latin-1"))
        elif name == b"origin":
            self._origin = value.decode("latin-1")
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
        elif self._shared.held + len(body) > self._shared.max_held:
            self._refuse(
                http.HTTPStatus.SERVICE_UNAVAILABLE,
                "The server holds as many bytes of requests as it may; try again",
                Code.RESOURCE_EXHAUSTED,
            )
        elif not self._closing:
            self._held += len(body)
            self._shared.held += len(body)
            # In one piece as it comes: to join them would take twice the room.
            if not self._body:
                self._body = body
            elif isinstance(self._body, bytearray):
                self._body += body
            else:
                self._body = bytearray(self._body) + body

    def on_message_complete(self) -> None:
        self._unreported = 0
        if self._parser.should_upgrade() and self._parser.get_method() != b"CONNECT":
            return  # Its body is yet to come.
        self._began = None
        whole, self._body = self._body, b""
        path = read_target(self._url)
        if path is None:
            self._refuse(
                http.HTTPStatus.BAD_REQUEST,
                "Malformed HTTP request: its path is no URI; percent-encode what is neither a"
                " letter of ASCII, a digit, nor a sign that RFC 3986 allows",
            )
        elif not self._closing:
            self._enqueue(
                HttpRequest(
                    method=self._parser.get_method().decode("ascii"),
                    path=path,
                    body=whole,
                    keep_alive=self._parser.should_keep_alive(),
                    gzip=self._gzip,
                    origin=self._origin,
                )
            )

    # Answers, in the order of the requests

    def _start_request(self) -> None:
        self._url = b""
        self._headers: list[tuple[bytes, bytes]] = []
        self._body = b""
        self._body_bytes = 0
        self._expects_continue = False
        self._gzip = False
        self._origin = ""

    def _release(self, size: int) -> None:
        """Counts bytes of a body as given back, at most those that this connection holds."""
        size = min(size, self._held)
        self._held -= size
        self._shared.held -= size

    def _refuse_body(self) -> None:
        self._refuse(
            http.HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            f"The request body is larger than {self._max_body} bytes;"
            " --rest_api_max_body_bytes sets the limit",
        )

    def _refuse(self, status: int, message: str, code: Code = Code.INVALID_ARGUMENT) -> None:
        """Queues an error as the last answer; what comes after it on the connection is lost."""
        if self._closing:
            return
        self._closing = True
        self._release(self._body_bytes)
        self._body = b""
        answer = refusal(StatusError(code, message), status)
        self._enqueue(HttpRequest("", "", b"", keep_alive=False, refused=answer))

    def _enqueue(self, request: HttpRequest) -> None:
        self._waiting.append(request)
        if len(self._waiting) == MAX_PIPELINED:
            self._transport.pause_reading()
        self._next()

    def _next(self) -> None:
        if self._answering_one or not self._waiting:
            return
        if len(self._waiting) == MAX_PIPELINED:
            self._transport.resume_reading()
        request = self._waiting.popleft()
        if request.refused is not None:
            self._write(request, request.refused)
            return
        self._busy = True
        self._shared.workers.submit(functools.partial(self._work, request))

    def _work(self, request: HttpRequest) -> None:
        size = len(request.body)
        answer = request.answer(self._shared.handler, self._max_body)
        self._shared.handed_back.add(functools.partial(self._finish, request, size, answer))

    def _finish(self, request: HttpRequest, size: int, answer: Answer) -> None:
        self._busy = False
        self._idle_since = self._loop.time()
        self._release(size)
        if not self._transport.is_closing():
            self._write(request, answer)
            self._next()

    def _write(self, request: HttpRequest, answer: Answer) -> None:
        last = not request.keep_alive or (
            not self._waiting and (self._closing or (self._draining and self._began is None))
        )
        if last:
            self._closing = True
            self._waiting.clear()
        self._sending_since, self._sent = self._loop.time(), 0
        self._outgoing += framed(answer, last=last, head_alone=request.method == "HEAD")
        self._send()

    def _send(self) -> None:
        """Hands over as much as there is room for, so that a large answer is in memory once."""
        while self._outgoing and self._blocked_since is None:
            part = self._outgoing.popleft()
            self._sent += len(part)
            self._transport.write(part)
        if self._closing and not self._outgoing and not self._busy and not self._waiting:
            self._transport.close()

    def stop(self) -> None:
        """Closes the connection once what it has begun to receive is answered."""
        self._draining = True
        if self._began is None and not self._answering:
            self.close()
