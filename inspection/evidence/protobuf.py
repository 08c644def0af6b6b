"""Just enough of protobuf's wire format to read what nodes wrote without TensorFlow."""

from __future__ import annotations

import struct
from collections import defaultdict
from collections.abc import Mapping, Sequence

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5

Field = int | bytes
"""A number's bits as they travel, or the content of a string or message."""


class WireError(ValueError):
    """The bytes are damaged, or something else."""


def fields(message: bytes) -> Mapping[int, Sequence[Field]]:
    """The values of a message by field number, each in the order in which they were written.

    Raises:
      WireError: the bytes are no message.
    """
    found: defaultdict[int, list[Field]] = defaultdict(list)
    position = 0
    while position < len(message):
        tag, position = _varint(message, position)
        number, kind = tag >> 3, tag & 7
        value: Field
        if kind == _VARINT:
            value, position = _varint(message, position)
        elif kind in (_FIXED64, _FIXED32, _BYTES):
            size = {_FIXED64: 8, _FIXED32: 4}.get(kind)
            if size is None:
                size, position = _varint(message, position)
            value = message[position : position + size]
            if len(value) < size:
                raise WireError(f"Field {number} is truncated.")
            position += size
        else:
            raise WireError(f"Field {number} has the unknown kind {kind}.")
        found[number].append(value)
    return found


def message(fields: Mapping[int, Sequence[Field]], number: int) -> bytes:
    """The last value of a string, message or fixed-width field; empty when it is not there."""
    value = fields.get(number, (b"",))[-1]
    return value if isinstance(value, bytes) else b""


def text(fields: Mapping[int, Sequence[Field]], number: int) -> str:
    """A string field."""
    return message(fields, number).decode("utf-8", "replace")


def double(fields: Mapping[int, Sequence[Field]], number: int) -> float:
    """A double field; 0.0 when it is not there, as protobuf has it."""
    value = message(fields, number)
    return float(struct.unpack("<d", value)[0]) if len(value) == 8 else 0.0


def whole_numbers(found: Sequence[Field]) -> list[int]:
    """The values of a repeated int64, packed or not."""
    bits: list[int] = []
    for each in found:
        if isinstance(each, int):
            bits.append(each)
            continue
        position = 0
        while position < len(each):
            value, position = _varint(each, position)
            bits.append(value)
    return [_signed(value) for value in bits]


def whole_number(fields: Mapping[int, Sequence[Field]], number: int) -> int:
    """An int32 or int64 field, which travels as 64 bits when it is negative; 0 when not there."""
    value = fields.get(number, (0,))[-1]
    return _signed(value) if isinstance(value, int) else 0


def _signed(bits: int) -> int:
    return bits - (1 << 64) if bits >= 1 << 63 else bits


def _varint(content: bytes, position: int) -> tuple[int, int]:
    result = shift = 0
    while True:
        if position >= len(content) or shift > 63:
            raise WireError(f"The number at byte {position} is truncated.")
        byte = content[position]
        result |= (byte & 0x7F) << shift
        position += 1
        shift += 7
        if byte < 0x80:
            return result, position
