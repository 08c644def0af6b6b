"""What a database says to who knocks at its door, which ML Metadata's client keeps to itself.

Nothing secret is sent. https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_basic_err_packet.html,
https://www.postgresql.org/docs/current/protocol-message-formats.html
"""

from __future__ import annotations

import socket
import ssl
import struct
from collections.abc import Callable, Mapping

from documents.store_address import StoreAddress
from serving.base_path.metadata_protocol import ASKS_FOR_TLS

_SECONDS = 3.0
_LARGEST = 1 << 16
_ERROR, _CODE, _STATE = 0xFF, 2, 6
_VERSION = 196_608


def first_words(address: StoreAddress) -> str:
    """Why the server lets this user not even ask; empty where it does, or says nothing."""
    listen = _GREETINGS.get(address.scheme)
    if listen is None:
        return ""
    try:
        with socket.create_connection((address.host, address.port), _SECONDS) as door:
            return " ".join(listen(door, address).split())
    except (OSError, EOFError, ValueError, IndexError):
        return ""


def _mysql(door: socket.socket, address: StoreAddress) -> str:
    size = int.from_bytes(_exactly(door, 4)[:3], "little")
    packet = _exactly(door, size)
    if packet[0] != _ERROR:
        return ""
    text = packet[1 + _CODE :]
    return (text[_STATE:] if text[:1] == b"#" else text).decode("utf-8", "replace")


def _postgresql(door: socket.socket, address: StoreAddress) -> str:
    door.sendall(ASKS_FOR_TLS)
    if _exactly(door, 1) == b"S":
        door = _tls().wrap_socket(door)
    asked = {"user": address.user, "database": address.database}
    content = b"".join(f"{key}\0{value}\0".encode() for key, value in asked.items()) + b"\0"
    door.sendall(struct.pack("!ii", 8 + len(content), _VERSION) + content)
    kind, size = struct.unpack("!ci", _exactly(door, 5))
    if kind != b"E":
        return ""
    fields = _exactly(door, size - 4).split(b"\0")
    return next((each[1:].decode("utf-8", "replace") for each in fields if each[:1] == b"M"), "")


_GREETINGS: Mapping[str, Callable[[socket.socket, StoreAddress], str]] = {
    "mysql": _mysql,
    "postgresql": _postgresql,
}


def _tls() -> ssl.SSLContext:
    """Whoever it is: nothing is told."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def _exactly(door: socket.socket, size: int) -> bytes:
    if not 0 <= size <= _LARGEST:
        raise ValueError("no greeting of a database")
    found = b""
    while len(found) < size:
        piece = door.recv(size - len(found))
        if not piece:
            raise EOFError
        found += piece
    return found
