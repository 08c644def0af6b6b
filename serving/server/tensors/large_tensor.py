"""A TensorProto of a large message, of which the values were left as they came."""

from __future__ import annotations

import array
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tensorflow.core.framework import tensor_pb2

from serving.server.tensors import arrays, protobuf
from serving.server.tensors.texts import Texts

NUMBERS = {field.name: field.number for field in tensor_pb2.TensorProto.DESCRIPTOR.fields}
_HEAD = frozenset(NUMBERS[name] for name in ("dtype", "tensor_shape", "version_number"))
_STRINGS = NUMBERS["string_val"]
_UNPACKED = {
    **{NUMBERS[f"{name}_val"]: protobuf.VARINT
       for name in ("half", "int", "int64", "bool", "uint32", "uint64")},
    **{NUMBERS[f"{name}_val"]: protobuf.FIXED32 for name in ("float", "scomplex")},
    **{NUMBERS[f"{name}_val"]: protobuf.FIXED64 for name in ("double", "dcomplex")},
}  # fmt: skip
"""The wire types of the numbers of each field, when each is a field of its own."""


class WireTensor:
    """Has the type and the shape of the message, and its values as arrays."""

    __slots__ = ("_strings", "_values", "dtype", "head", "tensor_shape")

    def __init__(self, data: bytes, start: int, end: int) -> None:
        """Finds the fields of a serialized message.

        Raises:
          WireError: it is none, or has fields of other types.
        """
        whole = memoryview(data)
        head: list[bytes] = []
        strings: Strings | None = None
        self._values: dict[int, list[memoryview | bytearray]] = {}
        for tag, begin, first, stop in protobuf.fields(data, start, end):
            number, kind = tag >> 3, tag & 7
            if number in _HEAD:
                head.append(data[begin:stop])
            elif number == _STRINGS and kind == protobuf.LENGTH:
                strings = Strings() if strings is None else strings
                strings.add(data[first:stop])
            else:
                self._add(number, kind, whole[first:stop])
        self.head = b"".join(head)
        """Serialized; counted before it is parsed, as it may have any number of dimensions."""
        self._strings = None if strings is None else strings.texts()

    def _add(self, number: int, kind: int, value: memoryview) -> None:
        views = self._values.setdefault(number, [])
        if kind == protobuf.LENGTH:
            views.append(value)
        elif kind == _UNPACKED.get(number):
            # Its bytes are those that it would have in a packed field.
            last = views[-1] if views else None
            if isinstance(last, bytearray):
                last += value
            else:
                views.append(bytearray(value))
        else:
            raise protobuf.WireError

    def parse(self) -> None:
        """Reads type and shape.

        Raises:
          DecodeError: they are none.
        """
        proto = tensor_pb2.TensorProto.FromString(self.head)
        self.dtype = proto.dtype
        self.tensor_shape = proto.tensor_shape

    @property
    def tensor_content(self) -> memoryview | bytes | bytearray:
        """The last one counts."""
        found = self._values.get(NUMBERS["tensor_content"])
        return found[-1] if found else b""

    @property
    def text_bytes(self) -> int:
        """Of all strings that came in their field, or as content."""
        return len(self.tensor_content) if self._strings is None else len(self._strings.data)

    def values(self, field: str, kind: Any, size: int) -> NDArray[Any] | Texts:
        """The values in a typed field, no more than `size` numbers.

        Raises:
          WireError: the field is not well-formed.
        """
        if kind is np.object_:
            return np.empty(0, np.object_) if self._strings is None else self._strings
        views = self._values.get(NUMBERS[field], [])
        packed = np.frombuffer(views[0] if len(views) == 1 else b"".join(views), np.uint8)
        dtype = np.dtype(kind)
        if dtype == np.float16:
            return protobuf.unpack(packed, np.uint16, size)[0].view(np.float16)
        if dtype.kind in "iub":
            return protobuf.unpack(packed, dtype, size)[0]
        if len(packed) % (dtype.itemsize // (2 if dtype.kind == "c" else 1)):
            raise protobuf.WireError
        count = min(len(packed) // dtype.itemsize, size)
        return arrays.aligned(packed[: count * dtype.itemsize].view(dtype))


class Strings:
    """Gathers texts."""

    def __init__(self) -> None:
        self._lengths = array.array("I")
        self._data = bytearray()

    def add(self, data: bytes | memoryview, before: bytes = b"") -> None:
        """One more, of two parts."""
        if before:
            self._data += before
        self._data += data
        self._lengths.append(len(before) + len(data))

    def __len__(self) -> int:
        return len(self._lengths)

    @property
    def size(self) -> int:
        """Bytes of all of them."""
        return len(self._data)

    def texts(self) -> Texts:
        """What was added; nothing is left."""
        ends = np.cumsum(np.frombuffer(self._lengths, np.uint32), dtype=np.uint32)
        data, self._data, self._lengths = bytes(self._data), bytearray(), array.array("I")
        return Texts((len(ends),), ends, data)
