"""What a message would take once it is parsed, told from its bytes.

An empty text takes two bytes in a message and a hundred in memory. Messages that consist of such
are counted, field by field, and refused before they are parsed.
"""

from __future__ import annotations

import functools
from typing import Any

from serving.server.status import Code, StatusError

LARGE_BYTES = 1 << 20
"""Smaller messages are not looked at."""
_TIMES = 10
_FREE_BYTES = 32 << 20
"""A message may take ten times its bytes, and this."""

TEXT_BYTES = 72
"""What a text or a field without a schema takes: itself, in an array, and in TensorFlow."""
_MESSAGE_BYTES = 160
_ENTRY_BYTES = 640
"""A name in a map, its value, and what an error about it takes."""
_SMALL = 32
"""Messages of fewer bytes are not looked into, so that an ordinary tf.Example counts as one."""
_MOST_LEVELS = 16

_VARINT, _FIXED64, _LENGTH, _FIXED32 = 0, 1, 2, 5
_WIDTHS = {_FIXED64: 8, _FIXED32: 4}


def most_bytes(length: int) -> int:
    """How much memory a request of so many bytes may take."""
    return _TIMES * length + _FREE_BYTES


def check(kind: Any, data: bytes) -> None:
    """Whether a message may be parsed; what is no message passes, for the parser to find out.

    Args:
      kind: class of the message.
      data: serialized.

    Raises:
      StatusError: RESOURCE_EXHAUSTED when it would take far more memory than it has bytes.
    """
    if len(data) < LARGE_BYTES:
        return
    most = most_bytes(len(data))
    if _Count(data, most).exceeds(kind.DESCRIPTOR):
        raise StatusError(
            Code.RESOURCE_EXHAUSTED,
            f"The request has {len(data)} bytes and would take more than {most} bytes of memory,"
            " because most of its fields are empty or next to empty; send it in several parts",
        )


class _Count:
    """Adds up what fields take until it is too much."""

    def __init__(self, data: bytes, most: int) -> None:
        self._data = data
        self._left = most

    def exceeds(self, descriptor: Any) -> bool:
        self._walk(descriptor, 0, len(self._data), 0)
        return self._left < 0

    def _walk(self, descriptor: Any, position: int, end: int, level: int) -> None:
        data = self._data
        messages = _messages(descriptor)
        while position < end and self._left >= 0:
            tag, position = _varint(data, position, end)
            wire_type = tag & 7
            if wire_type != _LENGTH:
                # A number that is not packed takes at most eight bytes, and two of a message.
                if wire_type == _VARINT:
                    _, position = _varint(data, position, end)
                elif wire_type in _WIDTHS:
                    position += _WIDTHS[wire_type]
                else:
                    return
                continue
            length, position = _varint(data, position, end)
            inner = messages.get(tag >> 3)
            if inner is None:
                self._left -= TEXT_BYTES
            else:
                self._left -= _ENTRY_BYTES if inner.GetOptions().map_entry else _MESSAGE_BYTES
                if length >= _SMALL and level < _MOST_LEVELS:
                    self._walk(inner, position, min(position + length, end), level + 1)
            position += length


@functools.cache
def _messages(descriptor: Any) -> dict[int, Any]:
    """The types of the fields that are messages, by number."""
    return {field.number: field.message_type for field in descriptor.fields if field.message_type}


def _varint(data: bytes, position: int, end: int) -> tuple[int, int]:
    """The number that begins there, and where it ends; the end of the data for what is none."""
    value = shift = 0
    while position < end and shift < 64:
        byte = data[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, position
        shift += 7
    return 0, end
