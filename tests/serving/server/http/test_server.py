"""Limits on connections, with a server in a thread and a handler that waits when it is told to."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from serving.server.http import connection as http_connection
from serving.server.http import server as http_server
from serving.server.http.server import HttpServer
from serving.server.rest import Answer
from tests.serving.eventually import eventually

BODY = b"x" * 100
REQUEST = b"POST /v1/x HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n" + BODY


class Scarce(socket.socket):
    """A listener for which the system has no descriptor the first three times."""

    failures = 3

    def accept(self) -> tuple[socket.socket, object]:
        if self.failures:
            self.failures -= 1
            raise OSError(errno.EMFILE, "Too many open files")
        return super().accept()


PARTS = [bytes([65 + index % 26]) * 200_001 for index in range(60)]


class Running:
    """A server on a free port; `gate` holds back its answers to /wait."""

    def __init__(self, *, scarce: bool = False, **limits: float) -> None:
        self.gate = threading.Event()
        self.answers = 0
        self._limits = limits
        self._listener = socket.create_server(("127.0.0.1", 0))
        if scarce:
            self._listener = Scarce(fileno=self._listener.detach())
        self.address = self._listener.getsockname()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()))
        self._thread.start()
        self._ready.wait(10)

    def _handle(self, method: str, path: str, body: bytes, origin: str) -> Answer:
        if path == "/wait":
            self.gate.wait(10)
        self.answers += 1
        if path == "/parts":
            return Answer(200, b"<", rest=[*PARTS, b">"])
        return Answer(200, b"y" * (10_000_000 if path == "/large" else 2))

    async def _serve(self) -> None:
        options = {"threads": 4, "max_body": 10_000, **self._limits}
        self.server = HttpServer(self._handle, **options)  # type: ignore[arg-type]
        await self.server.start(self._listener)
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        self._ready.set()
        await self._stop.wait()
        await self.server.stop(5)

    @property
    def open(self) -> int:
        return len(self.server._shared.connections)

    @property
    def idle(self) -> int:
        """How many connections wait for a request."""
        connections = list(self.server._shared.connections)
        return sum(connection.idle_since is not None for connection in connections)

    def connect(self) -> socket.socket:
        return socket.create_connection(self.address, timeout=60)

    def stop(self) -> None:
        with contextlib.suppress(RuntimeError):  # It was told before, and has closed its loop.
            self._loop.call_soon_threadsafe(self._stop.set)

    def join(self) -> None:
        self.gate.set()
        self.stop()
        self._thread.join(20)
        assert not self._thread.is_alive()


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_server, "_SWEEP_SECONDS", 0.05)


@contextlib.contextmanager
def running(*, scarce: bool = False, **limits: float) -> Iterator[Running]:
    server = Running(scarce=scarce, **limits)
    try:
        yield server
    finally:
        server.join()


def status(connection: socket.socket) -> int:
    """Of the next answer; 0 when the connection ended without one."""
    received = b""
    with contextlib.suppress(ConnectionError):
        while b"\r\n\r\n" not in received and (data := connection.recv(65536)):
            received += data
    return int(received.split()[1]) if received else 0


def ended(connection: socket.socket) -> bool:
    with contextlib.suppress(ConnectionError):
        return connection.recv(65536) == b""
    return True


@pytest.mark.medium
def test_a_connection_without_requests_is_dropped():
    with running(idle_seconds=0.3) as server:
        silent, served = server.connect(), server.connect()
        served.sendall(REQUEST)
        assert status(served) == 200
        for connection in (silent, served):
            assert ended(connection)
        assert server.open == 0


@pytest.mark.medium
def test_empty_lines_are_no_requests():
    with running(idle_seconds=0.3) as server:
        connection = server.connect()
        deadline = time.monotonic() + 60
        with contextlib.suppress(ConnectionError):
            while time.monotonic() < deadline:
                connection.sendall(b"\r\n")
                time.sleep(0.05)
        assert time.monotonic() < deadline


@pytest.mark.medium
@pytest.mark.parametrize("cut", [5, 40, len(REQUEST) - 50])
def test_a_request_that_does_not_go_on_is_refused(cut: int):
    with running(idle_seconds=0.3) as server:
        connection = server.connect()
        connection.sendall(REQUEST[:cut])
        assert status(connection) == 408
        assert ended(connection)


@pytest.mark.medium
def test_a_request_that_drips_is_refused():
    with running(idle_seconds=0.4) as server:
        connection = server.connect()
        deadline = time.monotonic() + 60
        with contextlib.suppress(ConnectionError):
            for byte in REQUEST:
                connection.sendall(bytes([byte]))
                time.sleep(0.05)
                if time.monotonic() > deadline:
                    break
        assert time.monotonic() < deadline
        assert server.answers == 0
        assert eventually(lambda: server.open == 0)


@pytest.mark.medium
def test_a_long_answer_is_no_idleness():
    with running(idle_seconds=0.2) as server:
        connection = server.connect()
        connection.sendall(REQUEST.replace(b"/v1/x", b"/wait"))
        time.sleep(0.8)
        server.gate.set()
        assert status(connection) == 200


@pytest.mark.medium
def test_a_client_that_does_not_read_is_dropped():
    with running(idle_seconds=0.3) as server:
        connection = server.connect()
        connection.sendall(REQUEST.replace(b"/v1/x", b"/large"))
        assert eventually(lambda: server.answers == 1)
        assert eventually(lambda: server.open == 0)


def test_a_new_connection_takes_the_place_of_the_one_that_waits_longest():
    with running(max_connections=3) as server:
        connections = []
        for _ in range(20):
            connections.append(server.connect())
            connections[-1].sendall(REQUEST)
            assert status(connections[-1]) == 200
        assert eventually(lambda: server.open <= 4)
        assert ended(connections[0])
        connections[-1].sendall(REQUEST)
        assert status(connections[-1]) == 200


def test_when_all_are_at_work_a_new_connection_is_refused():
    with running(max_connections=2) as server:
        busy = [server.connect() for _ in range(2)]
        for connection in busy:
            connection.sendall(REQUEST.replace(b"/v1/x", b"/wait"))
        assert eventually(lambda: server.open == 2 and server.idle == 0)
        refused = server.connect()
        assert status(refused) == 503
        server.gate.set()
        assert [status(connection) for connection in busy] == [200, 200]
        served = server.connect()
        served.sendall(REQUEST)
        assert status(served) == 200


def test_a_system_without_descriptors_is_waited_for_and_not_written_about_each_time(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    monkeypatch.setattr(http_server, "_PAUSE_SECONDS", 0.05)
    with running(scarce=True) as server:
        connection = server.connect()
        connection.sendall(REQUEST)
        assert status(connection) == 200
    assert 1 <= caplog.text.count("No connection can be accepted: Too many open files") <= 3


@pytest.mark.medium
def test_slow_requests_make_room(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(http_server, "_SLOW_SECONDS", 0.1)
    with running(max_connections=2) as server:
        slow = [server.connect() for _ in range(2)]
        for connection in slow:
            connection.sendall(REQUEST[:20])
        assert eventually(lambda: server.open == 2 and server.idle == 0)
        time.sleep(0.3)
        served = server.connect()
        served.sendall(REQUEST)
        assert status(served) == 200
        assert ended(slow[0])
        slow[1].close()


def test_bodies_are_held_up_to_a_limit_and_given_back(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(http_server, "_BODIES_HELD", 2)
    head = b"POST /wait HTTP/1.1\r\nHost: a\r\nContent-Length: 9000\r\n\r\n"
    with running() as server:
        connections = [server.connect() for _ in range(3)]
        for connection in connections[:2]:
            connection.sendall(head + b"x" * 9000)
        assert eventually(lambda: server.server._shared.held == 18_000)
        connections[2].sendall(head + b"x" * 9000)
        assert status(connections[2]) == 503
        server.gate.set()
        assert [status(connection) for connection in connections[:2]] == [200, 200]
        assert server.server._shared.held == 0
        # What is cut off is given back too.
        connections[0].sendall(head + b"x" * 5000)
        assert eventually(lambda: server.server._shared.held == 5000)
        connections[0].close()
        assert eventually(lambda: server.server._shared.held == 0)


def test_what_is_on_its_way_is_answered_before_the_end():
    with running() as server:
        waiting, sending, silent = (server.connect() for _ in range(3))
        waiting.sendall(REQUEST.replace(b"/v1/x", b"/wait"))
        sending.sendall(REQUEST[:60])
        assert eventually(lambda: server.open == 3 and server.idle == 1)
        server.stop()
        assert ended(silent)
        sending.sendall(REQUEST[60:])
        assert status(sending) == 200
        server.gate.set()
        assert status(waiting) == 200
        with pytest.raises(ConnectionError):
            server.connect()


def test_an_answer_in_parts_comes_whole_and_before_the_next():
    with running(max_body=1_000_000) as server, server.connect() as connection:
        connection.sendall(REQUEST.replace(b"/v1/x", b"/parts") + REQUEST)
        eventually(lambda: server.answers == 1)
        time.sleep(0.2)
        assert server.answers == 1  # The next waits until there is room for its answer.
        received = bytearray()
        while not received.endswith(b"\r\n\r\nyy"):
            data = connection.recv(1 << 20)
            assert data, f"the connection was closed after {len(received):,} bytes"
            received += data
    head, _, rest = bytes(received).partition(b"\r\n\r\n")
    whole = b"<" + b"".join(PARTS) + b">"
    assert f"Content-Length: {len(whole)}".encode() in head
    assert rest.startswith(whole + b"HTTP/1.1 200 OK")


@pytest.mark.medium
def test_a_client_that_reads_bit_by_bit_is_dropped_in_the_end(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(http_connection, "LEAST_BYTES_PER_SECOND", 100_000_000)
    with running(idle_seconds=1) as server, server.connect() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 10_000)
        assert eventually(lambda: server.open == 1)
        connection.sendall(REQUEST.replace(b"/v1/x", b"/parts"))
        received = 0
        with contextlib.suppress(ConnectionError):
            # Once it is dropped, what the system holds of it could be read for a long time.
            while server.open and (data := connection.recv(100_000)):
                received += len(data)
                time.sleep(0.1)
        assert received < sum(map(len, PARTS))
        assert eventually(lambda: server.open == 0)
