"""Free ports that nobody else can take."""

from __future__ import annotations

import socket

from serving.backends.errors import LaunchError

HOST = "127.0.0.1"


def reserve_port(port: int = 0, option: str = "") -> socket.socket:
    """A socket bound to a port of the loopback (0: a free one), reserved while it is open.

    A port number alone could be taken by another process before the server opens it. Nothing
    listens here, so connecting is refused. A server may inherit the socket; or it opens the same
    port with SO_REUSEADDR, as libevent and asyncio do: Linux allows that as long as nobody listens,
    and gives the port to no one who asks for a free one.

    Args:
      port: 1 to 65535, or 0.
      option: of a command line, which says another port.

    Raises:
      LaunchError: the port cannot be used.
    """
    reserved = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        reserved.bind((HOST, port))
    except (OSError, OverflowError) as error:
        reserved.close()
        reason = getattr(error, "strerror", None) or error
        if not port:
            raise LaunchError(
                f"No port of {HOST} is free ({reason}); end what holds them, or widen `sysctl"
                " net.ipv4.ip_local_port_range`."
            ) from error
        by = f" with {option}" if option else ""
        raise LaunchError(
            f"Port {port} of {HOST} cannot be used ({reason}); choose another{by}, or 0 for a free"
            " one."
        ) from error
    return reserved


def port_of(reserved: socket.socket) -> int:
    """The number of a reserved port."""
    return int(reserved.getsockname()[1])
