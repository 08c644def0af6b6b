"""Free ports that nobody else can take."""

from __future__ import annotations

import socket

HOST = "127.0.0.1"


def reserve_port() -> socket.socket:
    """A socket bound to a free port of the loopback; the port is reserved while it is open.

    A port number alone could be taken by another process before the server opens it. Nothing
    listens here, so connecting is refused. A server may inherit the socket; or it opens the same
    port with SO_REUSEADDR, as libevent and asyncio do: Linux allows that as long as nobody listens,
    and gives the port to no one who asks for a free one.
    """
    reserved = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    reserved.bind((HOST, 0))
    return reserved


def port_of(reserved: socket.socket) -> int:
    """The number of a reserved port."""
    return reserved.getsockname()[1]
