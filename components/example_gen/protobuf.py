"""The wire format of tf.train.Example, put together from encoded parts without building messages.

The bytes are those of SerializeToString(deterministic=True), which tests compare; only of names of
which one starts the other does protobuf 6 put the longer one first.
Wire format: https://protobuf.dev/programming-guides/encoding; messages: tensorflow/core/example.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable

Value = float | int | bytes | list[bytes]
"""Of a feature: one float32, one int64, one text, or several."""

_BYTES_LIST, _FLOAT_LIST, _INT64_LIST = 1, 2, 3


def entry(name: str, stored: str, value: Value) -> bytes:
    """A feature with its name, as an example holds it.

    Args:
      stored: FLOAT, INT or BYTES, as a schema calls it.
    """
    return encoder(name, stored)(value)


def encoder(name: str, stored: str) -> Callable[[Value], bytes]:
    """The function that makes such entries of one feature."""
    if stored == "FLOAT":
        # All are of one length, and end with their number.
        head = _feature(name, _FLOAT_LIST, field(1, bytes(4)))[:-4]
        pack = struct.Struct("<f").pack
        return lambda value: head + pack(value)
    if stored == "INT":
        # Integers are packed, negative ones as uint64.
        return lambda value: _feature(
            name,
            _INT64_LIST,
            field(1, varint(value % (1 << 64))),  # type: ignore[operator, arg-type]
        )

    def encode_texts(value: Value) -> bytes:
        assert isinstance(value, (bytes, list))
        values = [value] if isinstance(value, bytes) else value
        return _feature(name, _BYTES_LIST, b"".join([field(1, text) for text in values]))

    return encode_texts


def example(entries: Iterable[bytes]) -> bytes:
    """An Example of features that come in the order of their names, byte by byte in UTF-8."""
    body = b"".join(entries)
    return b"\x0a" + varint(len(body)) + body


def field(number: int, payload: bytes) -> bytes:
    """A length-delimited field (wire type 2): the only kind in these messages."""
    return varint(number << 3 | 2) + varint(len(payload)) + payload


def varint(value: int) -> bytes:
    """A number that is not negative, seven bits a byte."""
    if value < 0x80:
        return bytes((value,))
    encoded = bytearray()
    while value > 0x7F:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)


def _feature(name: str, kind: int, payload: bytes) -> bytes:
    """An entry of Features.feature, a map from a name to a Feature with a list."""
    return field(1, field(1, name.encode()) + field(2, field(kind, payload)))
