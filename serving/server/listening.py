"""Listens on a port, or says why nobody can."""

from __future__ import annotations

import os
import socket


def listen(host: str, port: int, *, flag: str) -> socket.socket:
    """A socket that listens on `host`, an address of version 4 or 6 or a name, and `port`.

    Args:
      flag: which names another port.

    Raises:
      OSError: one sentence, with what the system says.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        # Python adds the address to the system's words; those of names have no positive number.
        number = error.errno or 0
        why = os.strerror(number) if number > 0 else error.strerror
        raise OSError(
            f"cannot listen on {host}:{port}: {why}; name another port with {flag}"
        ) from error
