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

from serving.server import wire

MANY = 1 << 14
"""Fewer are not worth packing."""
_LONG_BYTES = 256
"""Longer ones take little more as objects, and are copied less often."""
_TIMES = 2
_BLOCK = 4096
_STRING_VAL = 8
_TAG = _STRING_VAL << 3 | wire.LENGTH
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
        strings = self._strings(start * width, stop * width)
        array = np.empty(len(strings), np.object_)
        array[:] = strings
        return array.reshape(stop - start, *self.shape[1:])

    def __iter__(self) -> Iterator[NDArray[Any]]:
        """Yields the rows."""
        step = max(1, _BLOCK // max(1, math.prod(self.shape[1:])))
        for start in range(0, len(self), step):
            yield from self[start : start + step]

    def _strings(self, start: int, stop: int) -> list[bytes]:
        places = [self.end(start), *self.ends[start:stop].tolist()]
        return [self.data[left:right] for left, right in itertools.pairwise(places)]

    def end(self, index: int) -> int:
        """Where so many strings end."""
        return int(self.ends[index - 1]) if index else 0

    def reshaped(self, *shape: int) -> Texts:
        """The same strings in another shape."""
        return Texts(shape, self.ends, self.data)

    def objects(self) -> NDArray[Any]:
        """All of them as bytes objects."""
        flat = np.empty(len(self.ends), np.object_)
        for start in range(0, len(flat), _BLOCK):
            stop = min(start + _BLOCK, len(flat))
            flat[start:stop] = self._strings(start, stop)
        return flat.reshape(self.shape)

    def tolist(self) -> list[Any]:
        """Nested lists, as arrays have it."""
        return self.objects().tolist()

    def lengths(self, start: int = 0, stop: int | None = None) -> NDArray[np.uint32]:
        """How many bytes those have, in their order whatever the shape."""
        return np.diff(self.ends[start:stop], prepend=np.uint32(self.end(start)))

    def fixed_width(self) -> NDArray[np.bytes_] | None:
        """An array of as many bytes for each, unless it would be far larger or cut zeros off."""
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
            of_data = np.arange(width) < lengths[start : start + _BLOCK, np.newaxis]
            block = data[self.end(start) : self.end(min(start + _BLOCK, len(lengths)))]
            padded[start : start + _BLOCK][of_data] = block
        return padded.view(f"S{width}").reshape(self.shape)

    def content(self) -> Iterator[bytes]:
        """Yields the parts of `tensor_content`: all lengths, then all bytes (tsl/coding.cc)."""
        yield from wire.pack(self.lengths())
        yield self.data

    def fields(self) -> Iterator[bytes]:
        """Yields some fields `string_val` of a TensorProto at a time."""
        for start in range(0, len(self.ends), _BLOCK):
            stop = min(start + _BLOCK, len(self.ends))
            lengths = self.lengths(start, stop)
            if int(lengths.max()) < _ONE_BYTE:
                yield _short_fields(lengths, self.data[self.end(start) : self.end(stop)])
            else:
                yield b"".join(wire.field(_STRING_VAL, x) for x in self._strings(start, stop))


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
    """An array of bytes objects, or of what it was."""
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
        return array[index]
    width = math.prod(array.shape[1:])
    start, stop = index * width, (index + 1) * width
    begin = array.end(start)
    ends = array.ends[start:stop] - np.uint32(begin)
    return Texts(array.shape[1:], ends, array.data[begin : array.end(stop)])


def are_many_short(feeds: Mapping[str, Tensor]) -> bool:
    """Whether a run takes, or is likely to give, so many strings that they are packed."""
    largest = max((array.shape[0] for array in feeds.values() if array.ndim), default=0)
    packed_already = any(isinstance(array, Texts) for array in feeds.values())
    return (largest >= MANY or packed_already) and mean_length(feeds) <= _LONG_BYTES


def mean_length(feeds: Mapping[str, Tensor]) -> float:
    """Of all strings that are fed; as if of a few bytes without any."""
    strings = [array for array in feeds.values() if array.dtype == np.object_]
    if not strings:
        return _LONG_BYTES / 2
    count = sum(math.prod(array.shape) for array in strings)
    return sum(map(_size, strings)) / max(count, 1)


def _size(array: Tensor) -> int:
    return len(array.data) if isinstance(array, Texts) else sum(map(len, array.ravel()))
