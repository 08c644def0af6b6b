"""Who answers at the address of a metadata store, by the first bytes that are said there.

Clients of one kind of server wait a minute, or for as long as a run is patient, for a word of
another kind's, and blame the user then. Nothing secret is sent.
https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_connection_phase.html,
https://www.postgresql.org/docs/current/protocol-message-formats.html (SSLRequest),
https://www.rfc-editor.org/rfc/rfc9113#section-3.4
"""

from __future__ import annotations

import contextlib
import dataclasses
import socket
import struct
from collections.abc import Callable

from documents.store_address import StoreAddress

ASKS_FOR_TLS = struct.pack("!ii", 8, 80_877_103)
"""What a client of PostgreSQL says first; the answer is one letter."""
_ENDS_A_LINE = b"\r\n\r\n"
"""Until when servers of HTTP listen."""
_SECONDS = 3.0
_SILENT_SECONDS = 20.0
"""More than MySQL takes to look up the name of who knocks."""
_GREETING_SECONDS = 1.0
"""MySQL and gRPC speak first; where they take longer, they are not mistaken for others."""
_ENOUGH = 5


class ProtocolError(RuntimeError):
    """Another kind of server answers; the message says which, and what to write instead."""


class _SilentError(Exception):
    """Somebody listens, and says nothing."""


@dataclasses.dataclass(frozen=True)
class _Kind:
    """Of a server."""

    scheme: str | None
    """That leads to it; None where no store is behind it."""
    name: str
    is_it: Callable[[bytes], bool]
    """By its first bytes, of which there are five unless the answer is shorter."""


_KINDS = (
    _Kind("postgresql", "a PostgreSQL server", lambda said: said in (b"S", b"N")),
    # A packet whose number is 0: a greeting of version 10, or an error.
    _Kind("mysql", "a MySQL server", lambda said: said[3:4] == b"\0" and said[4:] in b"\x0a\xff"),
    _Kind("grpc", "a gRPC server", lambda said: said[:2] == b"\0\0" and said[3:] == b"\x04\0"),
    # Some answer what they do not understand by a page alone.
    _Kind(None, "an HTTP server", lambda said: said.upper() in (b"HTTP/", b"<!DOC", b"<HTML")),
)


def absence(address: StoreAddress) -> str | None:
    """Why nobody can be reached; None when somebody listens."""
    try:
        socket.create_connection((address.host, address.port), _SECONDS).close()
    except OSError as error:
        return error.strerror or str(error)
    return None


def demand_protocol(address: StoreAddress) -> None:
    """Returns when the server may be one that the address is of, or nobody answers.

    Raises:
      ProtocolError: it is surely another one, or says nothing, which clients wait for for ever.
    """
    try:
        said = _first_bytes(address)
    except _SilentError as error:
        raise ProtocolError(
            f"The metadata store {address.shown} cannot be used: whoever listens there says "
            f"nothing; name the port on which {address.scheme}:// is spoken, or start the server "
            "anew."
        ) from error
    found = next((kind for kind in _KINDS if len(said) in (1, _ENOUGH) and kind.is_it(said)), None)
    if found is None or found.scheme == address.scheme:
        return
    if found.scheme is None:
        mend = f"name the port on which {address.scheme}:// is spoken"
    else:
        mend = f"write {_example(address, found.scheme)}, or name another server"
    raise ProtocolError(
        f"The metadata store {address.shown} cannot be used: {found.name} answers there; {mend}."
    )


def _first_bytes(address: StoreAddress) -> bytes:
    """Up to five; none where nobody listens, or hangs up.

    Raises:
      _SilentError: no database spoke, whatever was said.
    """
    asks = [(ASKS_FOR_TLS, _SECONDS), (_ENDS_A_LINE, _SILENT_SECONDS)]
    if address.scheme != "postgresql":
        asks.insert(0, (b"", _GREETING_SECONDS))
    try:
        with socket.create_connection((address.host, address.port), _SECONDS) as door:
            for asked, seconds in asks:
                door.settimeout(seconds)
                door.sendall(asked)
                with contextlib.suppress(TimeoutError):
                    return _read(door)
    except OSError:
        return b""
    if address.scheme == "grpc":  # whose client waits for a minute and not for ever
        return b""
    raise _SilentError


def _read(door: socket.socket) -> bytes:
    """What is there, and the rest of five bytes where that came in pieces."""
    found = door.recv(_ENOUGH)
    while 1 < len(found) < _ENOUGH and (more := door.recv(_ENOUGH - len(found))):
        found += more
    return found


def _example(address: StoreAddress, scheme: str) -> str:
    other = dataclasses.replace(address, scheme=scheme)
    if scheme == "grpc":
        other = dataclasses.replace(other, user="", database="")
    elif address.scheme == "grpc":
        other = dataclasses.replace(other, user="USER", database="DATABASE")
    return other.shown
