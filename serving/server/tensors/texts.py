"""Many short strings in one piece: their bytes, and where each ends.

A bytes object of Python takes 33 bytes and its place in an array eight more. Texts take four, and
their bytes.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from serving.server.tensors import protobuf
from serving.server.tensors.message_cost import STRING_BYTES

MANY = 1 << 14
"""Fewer are not worth packing."""
_LONG_BYTES = 256
"""Longer ones take little more as objects, and are copied less often."""
_TIMES = 2
_BLOCK = 4096
_STRING_VAL = 8
_TAG = _STRING_VAL << 3 | protobuf.LENGTH
_ONE_BYTE = 0x80

Ends = NDArray[np.uint32]


class Texts:
    """An array of strings, of which slices along the first dimension are arrays of objects."""

    dtype = np.dtype(np.object_)

    def __init__(self, shape: tuple[int, ...], ends: Ends, data: bytes) -> None:
        """Made of what it is.

        Args:
          shape: of the array.
          ends: where each string ends in the data; it begins where the one before it ends.
          data: of all strings, at most 4 GiB.
        """
        self.shape = shape
        self.ndim = len(shape)
        self.ends = ends
        self.data = data

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, rows: slice) -> NDArray[Any]:
        start, stop, _ = rows.indices(len(self))
        width = math.prod(self.shape[1:])
        strings = self.block(start * width, stop * width).listed()
        array = np.empty(len(strings), np.object_)
        array[:] = strings
        return array.reshape(stop - start, *self.shape[1:])

    def __iter__(self) -> Iterator[NDArray[Any]]:
        """Yields the rows."""
        step = max(1, _BLOCK // max(1, math.prod(self.shape[1:])))
        for start in range(0, len(self), step):
            yield from self[start : start + step]

    def listed(self) -> list[bytes]:
        """All of them in a list, whatever the shape."""
        places = [0, *self.ends.tolist()]
        return [self.data[left:right] for left, right in itertools.pairwise(places)]

    def block(self, start: int, stop: int) -> Texts:
        """Those from one to another of all strings, in one dimension."""
        begin = self.end(start)
        ends = self.ends[start:stop] - np.uint32(begin)
        return Texts((stop - start,), ends, self.data[begin : self.end(stop)])

    def part(self, start: int, shape: tuple[int, ...]) -> Texts:
        """As many as there are in a shape, of all from that one on."""
        return self.block(start, start + math.prod(shape)).reshaped(*shape)

    def release(self) -> None:
        """Lets go of the strings; their shape stays."""
        self.ends, self.data = np.empty(0, np.uint32), b""

    def end(self, index: int) -> int:
        """Where so many strings end."""
        return int(self.ends[index - 1]) if index else 0

    def reshaped(self, *shape: int) -> Texts:
        """The same strings in another shape."""
        return Texts(shape, self.ends, self.data)

    def objects(self) -> NDArray[Any]:
        """All of them as bytes objects, in an array of objects of this shape."""
        flat = np.empty(math.prod(self.shape), np.object_)
        for start in range(0, len(flat), _BLOCK):
            stop = min(start + _BLOCK, len(flat))
            flat[start:stop] = self.block(start, stop).listed()
        return flat.reshape(self.shape)

    def tolist(self) -> list[Any]:
        """Nested lists, as arrays have it."""
        found: list[Any] = self.objects().tolist()
        return found

    def lengths(self) -> NDArray[np.uint32]:
        """How many bytes each has, in their order whatever the shape."""
        return np.diff(self.ends, prepend=np.uint32(0))

    def fixed_width(self) -> NDArray[np.bytes_] | None:
        """An array of this shape and a type `S<bytes>` that is wide enough for each; None where
        that would be far larger, or cut zeros off."""
        lengths = self.lengths()
        width = max(1, int(lengths.max(initial=0)))
        if width * len(lengths) > _TIMES * (len(self.data) + len(lengths)):
            return None
        data = np.frombuffer(self.data, np.uint8)
        # Empty ones have the last byte of one before, which does no harm.
        if len(data) and not data[np.maximum(self.ends, 1) - 1].all():
            return None
        if len(data) == width * len(lengths):
            return data.view(f"S{width}").reshape(self.shape)
        padded = np.zeros((len(lengths), width), np.uint8)
        for start in range(0, len(lengths), _BLOCK):
            stop = min(start + _BLOCK, len(lengths))
            of_data = np.arange(width) < lengths[start:stop, np.newaxis]
            padded[start:stop][of_data] = data[self.end(start) : self.end(stop)]
        return padded.view(f"S{width}").reshape(self.shape)

    def content(self) -> Iterator[bytes]:
        """Yields the parts of `tensor_content`: all lengths, then all bytes (tsl/coding.cc)."""
        yield from protobuf.pack(self.lengths())
        yield self.data

    def fields(self) -> Iterator[bytes]:
        """Yields some fields `string_val` of a TensorProto at a time."""
        count = math.prod(self.shape)
        for start in range(0, count, _BLOCK):
            block = self.block(start, min(start + _BLOCK, count))
            lengths = block.lengths()
            if int(lengths.max()) < _ONE_BYTE:
                yield _short_fields(lengths, block.data)
            else:
                yield b"".join(protobuf.field(_STRING_VAL, x) for x in block.listed())


Array = NDArray[Any]
Tensor = Array | Texts


def _short_fields(lengths: NDArray[np.uint32], data: bytes) -> bytes:
    written = np.empty(len(data) + 2 * len(lengths), np.uint8)
    heads = np.cumsum(lengths + 2) - lengths - 2
    of_data = np.ones(len(written), np.bool_)
    for offset, values in ((0, _TAG), (1, lengths)):
        of_data[heads + offset] = False
        written[heads + offset] = values
    written[of_data] = np.frombuffer(data, np.uint8)
    return written.tobytes()


def of_strings(strings: Sequence[bytes]) -> Texts:
    """One dimension of them."""
    lengths = np.fromiter(map(len, strings), np.uint32, len(strings))
    return Texts((len(strings),), np.cumsum(lengths, dtype=np.uint32), b"".join(strings))


def packed(array: Tensor) -> Texts:
    """An array of bytes objects in one piece."""
    if isinstance(array, Texts):
        return array
    flat = array.ravel()
    blocks = [of_strings(flat[i : i + _BLOCK].tolist()) for i in range(0, len(flat), _BLOCK)]
    return joined(blocks).reshaped(*array.shape)


def unpacked(array: Tensor) -> NDArray[Any]:
    """An array of bytes objects, or of what it was, of the same shape."""
    return array.objects() if isinstance(array, Texts) else array


def joined(parts: list[Texts]) -> Texts:
    """Texts after each other, in one; they are used up."""
    rest = parts[0].shape[1:] if parts else ()
    ends = np.empty(sum(len(part.ends) for part in parts), np.uint32)
    data = b"".join([part.data for part in parts])
    rows = sum(map(len, parts))
    position = offset = 0
    parts.reverse()
    while parts:
        part = parts.pop()
        ends[position : position + len(part.ends)] = part.ends + np.uint32(offset)
        position += len(part.ends)
        offset += len(part.data)
    return Texts((rows, *rest), ends, data)


def row(array: Tensor, index: int) -> Tensor:
    """One row of an array that has at least one dimension."""
    if not isinstance(array, Texts):
        found: NDArray[Any] = array[index]
        return found
    return array.part(index * math.prod(array.shape[1:]), array.shape[1:])


def rows_from(array: Tensor, start: int) -> Tensor:
    """The rows from that one on."""
    if not start or not isinstance(array, Texts):
        return array[start:] if start else array
    shape = (len(array) - start, *array.shape[1:])
    return array.part(start * math.prod(shape[1:]), shape)


def are_many_short(feeds: Mapping[str, Tensor]) -> bool:
    """Whether a run takes, or is likely to give, so many strings that they are packed."""
    for array in feeds.values():
        if _are_many(array):
            return mean_length(feeds) <= _LONG_BYTES
    return False


def _are_many(array: Tensor) -> bool:
    if isinstance(array, Texts):
        return True
    # A graph may give a string for each row.
    count = array.size if array.dtype.hasobject else array.shape[0] if array.ndim else 0
    return count >= MANY


def mean_length(feeds: Mapping[str, Tensor]) -> float:
    """Of all strings that are fed; as if of a few bytes without any."""
    strings = [array for array in feeds.values() if array.dtype == np.object_]
    if not strings:
        return _LONG_BYTES / 2
    count = sum(math.prod(array.shape) for array in strings)
    return sum(map(_size, strings)) / max(count, 1)


def fed_bytes(arrays: Mapping[str, Tensor]) -> int:
    """How many bytes TensorFlow takes for them."""
    return sum(
        STRING_BYTES * math.prod(array.shape) + _size(array)
        if isinstance(array, Texts) or array.dtype == np.object_
        else array.nbytes
        for array in arrays.values()
    )


def _size(array: Tensor) -> int:
    return len(array.data) if isinstance(array, Texts) else sum(map(len, array.ravel()))
