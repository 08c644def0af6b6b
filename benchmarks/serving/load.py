"""Clients that ask as fast as they are answered: raw sockets for HTTP, raw messages for gRPC.

A client library would take more CPU time than the servers under test, on the same cores.
"""

from __future__ import annotations

import dataclasses
import socket
import threading
import time
from collections.abc import Callable

import grpc

CLIENTS = 8
TIMEOUT_SECONDS = 30.0
_HEADER_END = b"\r\n\r\n"
_LARGEST_READ = 1 << 20

Ask = Callable[[], bool]
"""Sends one request and waits for the answer; whether it was a success."""
Connect = Callable[[], Ask]
"""Opens one client's connection."""


@dataclasses.dataclass(frozen=True)
class Load:
    """What the clients saw together."""

    answers: int
    failures: int
    seconds: float

    @property
    def per_second(self) -> float:
        return self.answers / self.seconds


def run(connect: Connect, seconds: float, clients: int = CLIENTS) -> Load:
    """Has `clients` threads ask for that long, each over a connection of its own."""
    answers, failures = [0] * clients, [0] * clients
    asks = [connect() for _ in range(clients)]
    start = time.perf_counter()
    end = start + seconds

    def client(number: int) -> None:
        while time.perf_counter() < end:
            if asks[number]():
                answers[number] += 1
            else:
                failures[number] += 1

    threads = [threading.Thread(target=client, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Load(sum(answers), sum(failures), time.perf_counter() - start)


def http(port: int, path: str, body: bytes) -> Connect:
    """Posts `body` to `path` on this machine over a connection that stays open."""
    request = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    ).encode() + body

    def connect() -> Ask:
        connection = socket.create_connection(("127.0.0.1", port), TIMEOUT_SECONDS)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

        def ask() -> bool:
            connection.sendall(request)
            return _answer(connection)

        return ask

    return connect


def grpc_unary(target: str, method: str, message: bytes) -> Connect:
    """Calls `method` (such as `/package.Service/Method`) with an encoded message."""

    def connect() -> Ask:
        # Channels to one target would share a connection.
        channel = grpc.insecure_channel(target, [("grpc.use_local_subchannel_pool", 1)])
        call = channel.unary_unary(method)

        def ask() -> bool:
            try:
                call(message, timeout=TIMEOUT_SECONDS)
            except grpc.RpcError:
                return False
            return True

        return ask

    return connect


def _answer(connection: socket.socket) -> bool:
    """Reads one answer with a Content-Length, as every contender sends it; whether it is a 200."""
    data = b""
    while _HEADER_END not in data:
        data += _some(connection)
    head, _, rest = data.partition(_HEADER_END)
    length = next(
        int(line.partition(b":")[2])
        for line in head.lower().split(b"\r\n")
        if line.startswith(b"content-length:")
    )
    missing = length - len(rest)
    while missing > 0:
        missing -= len(_some(connection))
    return head.split(b" ", 2)[1] == b"200"


def _some(connection: socket.socket) -> bytes:
    data = connection.recv(_LARGEST_READ)
    if not data:
        raise ConnectionError("A server closed a connection in the middle of an answer.")
    return data
