"""One HTTP connection to a model server, for requests that no client library would send."""

from __future__ import annotations

import select
import socket
import urllib.parse

from typing_extensions import Self

from components.serving_check.answers import AnswerError

TIMEOUT_SECONDS = 30.0
LARGEST_ANSWER = 256 << 20
"""Bytes; no model that answers more can be asked over REST."""
_LARGEST_HEAD = 64 << 10
_CHUNK = 1 << 18
_END = b"\r\n\r\n"


class Connection:
    """A connection that stays open between requests, so that a timing is the server's own.

    It reads what HTTP/1.1 servers send in answer to small requests, with a quarter of the CPU time
    of the standard library's client: a check sends many thousands.
    """

    def __init__(
        self, rest_url: str, timeout: float = TIMEOUT_SECONDS, *, patient: bool = True
    ) -> None:
        """Connects with the first request.

        Args:
          rest_url: such as `http://127.0.0.1:8501`.
          timeout: seconds to wait for each answer.
          patient: whether a request is sent anew when the server hung up on an open connection,
            as it may on an idle one.
        """
        address = urllib.parse.urlsplit(rest_url)
        self._address = (address.hostname or "", address.port or 80)
        self._host = address.netloc.encode()
        self._timeout = timeout
        self._patient = patient
        self._socket: socket.socket | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends the connection; the next request opens another one."""
        if self._socket:
            self._socket.close()
            self._socket = None

    def exchange(self, method: str, path: str, body: bytes) -> tuple[int, bytes]:
        """Sends any request, however malformed, and returns status and body of the answer.

        Raises:
          OSError: there is no answer, or it is not HTTP.
          AnswerError: the answer is larger than LARGEST_ANSWER.
        """
        head = (
            f"{method} {path} HTTP/1.1\r\n".encode() + b"Host: " + self._host + b"\r\n"
            b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
        )
        may_be_idle = self._patient and self._socket is not None
        try:
            return self._attempt(head + body)
        except ConnectionError:
            # A server may hang up on a connection that was idle just when it is used again.
            if not may_be_idle:
                raise
            return self._attempt(head + body)

    def _attempt(self, request: bytes) -> tuple[int, bytes]:
        try:
            if self._socket and _ended(self._socket):
                self.close()
            if self._socket is None:
                self._socket = socket.create_connection(self._address, self._timeout)
                self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._socket.sendall(request)
            return self._read(self._socket)
        except (OSError, AnswerError):
            self.close()
            raise

    def _read(self, connection: socket.socket) -> tuple[int, bytes]:
        data = connection.recv(_CHUNK)
        while (end := data.find(_END)) < 0:
            more = connection.recv(_CHUNK)
            if not more or len(data) > _LARGEST_HEAD:
                raise ConnectionError("no HTTP answer")
            data += more
        head, body = data[:end].lower(), data[end + len(_END) :]
        try:
            status = int(head.split(None, 2)[1])
            size = int(head.split(b"\r\ncontent-length:", 1)[1].split(b"\r\n", 1)[0])
        except (IndexError, ValueError):
            raise ConnectionError(f"no HTTP answer ({head[:60]!r})") from None
        if size > LARGEST_ANSWER:
            raise AnswerError(f"an answer of {size:,} bytes")
        parts = [body]
        missing = size - len(body)
        while missing > 0:
            part = connection.recv(min(missing, _CHUNK))
            if not part:
                raise ConnectionError("an answer that breaks off")
            parts.append(part)
            missing -= len(part)
        if b"\r\nconnection: close" in head:
            self.close()
        return status, b"".join(parts)


def _ended(connection: socket.socket) -> bool:
    """Whether the server has hung up meanwhile; it owes no answer, so nothing else can be there."""
    waiting = select.poll()
    waiting.register(connection, select.POLLIN)
    return bool(waiting.poll(0))
