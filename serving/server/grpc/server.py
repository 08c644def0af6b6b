"""Listens for gRPC, on a port and on a Unix socket."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent import futures

import grpc

from serving.server.listening import listen
from serving.server.messages.tensor_proto import LARGEST_BYTES
from serving.server.status import invalid_argument

_STREAMS = 256
"""Requests of one connection that may wait at a time."""
_WAITING_PER_THREAD = 64
_MAX_HEAD_BYTES = 64 * 2**10


class GrpcServer:
    """Serves handlers."""

    def __init__(
        self,
        handlers: Sequence[grpc.GenericRpcHandler],
        *,
        threads: int,
        arguments: str = "",
        max_connections: int = 1000,
        idle_seconds: float = 60.0,
    ) -> None:
        """Nothing is opened yet.

        Args:
          handlers: what to serve.
          threads: number of requests that are answered at a time.
          arguments: of the channels, `key=value,…`, as --grpc_channel_arguments; they go before
            the limits below.
          max_connections: that are open at a time; more are refused.
          idle_seconds: how long a connection may be without a request, or its other side without
            an answer to a ping.

        Raises:
          StatusError: INVALID_ARGUMENT for arguments of another form.
          RuntimeError: no thread can be started.
        """
        options = [
            ("grpc.max_receive_message_length", LARGEST_BYTES),
            ("grpc.max_send_message_length", LARGEST_BYTES),
            # A port that another server listens on is an error, not a port to share.
            ("grpc.so_reuseport", 0),
            ("grpc.max_allowed_incoming_connections", max_connections),
            ("grpc.max_connection_idle_ms", int(idle_seconds * 1e3)),
            ("grpc.server_handshake_timeout_ms", int(idle_seconds * 1e3)),
            ("grpc.keepalive_time_ms", int(idle_seconds * 1e3)),
            ("grpc.keepalive_timeout_ms", int(idle_seconds * 1e3)),
            ("grpc.max_concurrent_streams", _STREAMS),
            ("grpc.max_metadata_size", _MAX_HEAD_BYTES),
            *map(_option, filter(None, arguments.split(","))),
        ]
        self._server = grpc.server(
            _started_threads(threads),
            handlers=handlers,
            options=options,
            # What waits beyond that is refused, as each holds its message in memory.
            maximum_concurrent_rpcs=threads * _WAITING_PER_THREAD,
        )

    def open(self, address: str) -> int:
        """Opens `host:port` or `unix:path`.

        Returns:
          the port.

        Raises:
          OSError: nobody can listen there, and why.
        """
        try:
            return int(self._server.add_insecure_port(address))
        except RuntimeError as error:
            host, _, port = address.rpartition(":")
            if port.isdecimal():
                # What the system says of it gRPC does not tell on each lane.
                listen(host.strip("[]"), int(port), flag="--port").close()
            raise OSError(f"cannot listen on {address}: {error}") from error

    def start(self) -> None:
        """Answers requests from now on."""
        self._server.start()

    def stop(self, grace_seconds: float) -> None:
        """Accepts nothing more and answers what is being answered."""
        self._server.stop(grace_seconds).wait()


def _started_threads(count: int) -> futures.ThreadPoolExecutor:
    """All threads now: one that cannot be started later would end the thread that serves.

    Raises:
      RuntimeError: the system has no room for so many.
    """
    pool = futures.ThreadPoolExecutor(count, thread_name_prefix="grpc")
    all_there = threading.Barrier(count)
    try:
        for _ in range(count):
            pool.submit(all_there.wait)
    except RuntimeError:
        all_there.abort()
        raise
    return pool


def _option(text: str) -> tuple[str, int | str]:
    key, given, value = text.partition("=")
    if not given:
        raise invalid_argument(f"gRPC channel argument is not key=value: {text}")
    try:
        return key, int(value)
    except ValueError:
        return key, value
