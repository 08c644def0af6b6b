"""What a message would take once it is parsed, told from its bytes.

An empty text takes two bytes in a message and a hundred in memory. Messages that consist of such
are counted, field by field, and refused before they are parsed.
"""

from __future__ import annotations

import functools
from typing import Any

from serving.server.status import Code, StatusError
from serving.server.tensors import protobuf

LARGE_BYTES = 1 << 20
"""Smaller messages are not looked at."""
_TIMES = 10
_FREE_BYTES = 32 << 20
"""A request may take ten times its bytes, or this where that is more."""
_TENSOR_TIMES = 5
"""So many times may its tensors take, because what the model makes of them is often as large."""
STRING_BYTES = 24
"""What a string takes in a tensor of TensorFlow, besides its bytes (tstring in tsl/platform)."""
_EXAMPLE_BYTES = 72
"""What a serialized tf.Example takes there, besides its bytes, and while it is read."""
_EXAMPLE_TIMES = 3
"""How often its bytes are in memory: as they are gathered, as they are fed, and in TensorFlow."""
_FIELD_BYTES = 72
"""What a text or a field without a schema takes in a message, and in what becomes of it."""
_MESSAGE_BYTES = 160
_ENTRY_BYTES = 1000
"""A name in a map, its value, and what an error about it takes."""
_MODEL_BYTES = 1000
"""A model of a configuration, with what is made of it before all of them are accepted."""
_PACKED_TIMES = 40
"""What a byte of packed numbers takes where the library reads them: eight in each of several
copies."""
_MOST_LEVELS = 16


def most_bytes(length: int) -> int:
    """How much memory a request of so many bytes may take."""
    return max(_TIMES * length, _FREE_BYTES)


def check_tensors(size: int, length: int) -> None:
    """Whether the tensors of a request may be made and fed.

    Args:
      size: bytes that TensorFlow takes for all of them.
      length: bytes of the request.

    Raises:
      StatusError: RESOURCE_EXHAUSTED when they are far larger than the request, as numbers of one
        byte and texts of one character are.
    """
    most = max(_TENSOR_TIMES * length, _FREE_BYTES)
    if size > most:
        raise StatusError(
            Code.RESOURCE_EXHAUSTED,
            f"The request has {length} bytes and its tensors would take {size} bytes, more than"
            f" {most}, because each of its values is so short; send it in several parts",
        )


def check_examples(count: int, size: int, length: int) -> None:
    """Whether the serialized tf.Examples of a request may be made.

    Args:
      count: of examples.
      size: bytes of all of them, with the context in each.
      length: bytes of the request.

    Raises:
      StatusError: RESOURCE_EXHAUSTED when they would take far more memory than that.
    """
    most = most_bytes(length)
    if _EXAMPLE_BYTES * count + _EXAMPLE_TIMES * size > most:
        raise StatusError(
            Code.RESOURCE_EXHAUSTED,
            f"The request has {length} bytes, and its {count} examples would take more than {most}"
            " bytes of memory, because most of them are empty, or because each has the whole"
            " context; send it in several parts",
        )


class Cost:
    """Adds up what the parts of a message take until it is too much."""

    def __init__(self, length: int) -> None:
        """Nothing was added yet.

        Args:
          length: of the whole request in bytes.
        """
        self._length = length
        self._left = most_bytes(length)

    def add(self, kind: Any, data: bytes) -> None:
        """Adds a message, or what may be none, for the parser to find out.

        Args:
          kind: its class.
          data: serialized.

        Raises:
          StatusError: RESOURCE_EXHAUSTED when it would take far more memory than it has bytes.
        """
        try:
            self._walk(kind.DESCRIPTOR, data, 0, len(data), 0)
        except protobuf.WireError:
            return

    def add_entry(self) -> None:
        """Adds an entry of a map without its value.

        Raises:
          StatusError: as `add`.
        """
        self._take(_ENTRY_BYTES)

    def _take(self, size: int) -> None:
        self._left -= size
        if self._left < 0:
            raise StatusError(
                Code.RESOURCE_EXHAUSTED,
                f"The request has {self._length} bytes and would take more than"
                f" {most_bytes(self._length)} bytes of memory, because most of its fields are empty"
                " or next to empty; send it in several parts",
            )

    def _walk(self, descriptor: Any, data: bytes, start: int, end: int, level: int) -> None:
        inner_types, packed = _fields(descriptor)
        for tag, _, first, last in protobuf.fields(data, start, end):
            if tag & 7 != protobuf.LENGTH:
                # A number that is not packed takes at most eight bytes, and two of a message.
                continue
            inner = inner_types.get(tag >> 3)
            if tag >> 3 in packed:
                self._take(_FIELD_BYTES + _PACKED_TIMES * (last - first))
            elif inner is None:
                self._take(_FIELD_BYTES)
            else:
                self._take(_message_bytes(inner))
                if level < _MOST_LEVELS:
                    self._walk(inner, data, first, last, level + 1)


@functools.cache
def _message_bytes(descriptor: Any) -> int:
    if descriptor.full_name == "tensorflow.serving.ModelConfig":
        return _MODEL_BYTES
    return _ENTRY_BYTES if descriptor.GetOptions().map_entry else _MESSAGE_BYTES


@functools.cache
def _fields(descriptor: Any) -> tuple[dict[int, Any], frozenset[int]]:
    """The types of the fields that are messages, and which are packed varints, by number."""
    messages = {
        field.number: field.message_type for field in descriptor.fields if field.message_type
    }
    varints = (field.number for field in descriptor.fields if field.cpp_type in _VARINTS)
    return messages, frozenset(varints)


_VARINTS = frozenset((1, 2, 3, 4, 7, 8))
"""CPPTYPE_INT32, INT64, UINT32, UINT64, BOOL and ENUM of FieldDescriptor."""
