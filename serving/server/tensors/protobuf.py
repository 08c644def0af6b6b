"""Protobuf's wire format: the fields of a message, and packed numbers by the array.

What the protobuf library makes of a message of millions of small values takes many times its
bytes: a number of one byte takes eight, a text sixteen and more. So large messages are read, and
large answers written, without it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from serving.server.tensors import arrays

VARINT, FIXED64, LENGTH, FIXED32 = 0, 1, 2, 5
_WIDTHS = {FIXED64: 8, FIXED32: 4}
_LONGEST_VARINT = 10
_WINDOW = 1 << 16
"""Numbers, or bytes of them, that are converted at a time."""

Bytes = NDArray[np.uint8]
Part = bytes | memoryview


class WireError(ValueError):
    """Bytes that are no message."""


def fields(data: bytes, start: int, end: int) -> Iterator[tuple[int, int, int, int]]:
    """Yields of each field its tag, where it begins, and where its value begins and ends.

    Raises:
      WireError: what is there is no message, or one with groups.
    """
    position = start
    while position < end:
        begin = position
        tag, position = varint(data, position, end)
        kind = tag & 7
        if kind == LENGTH:
            length, position = varint(data, position, end)
            stop = position + length
        elif kind == VARINT:
            stop = varint(data, position, end)[1]
        elif kind in _WIDTHS:
            stop = position + _WIDTHS[kind]
        else:
            raise WireError
        if stop > end or not tag >> 3:
            raise WireError
        yield tag, begin, position, stop
        position = stop


def varint(data: bytes, position: int, end: int) -> tuple[int, int]:
    """The number that begins there, and where it ends.

    Raises:
      WireError: it does not end.
    """
    value = shift = 0
    while position < end and shift < 7 * _LONGEST_VARINT:
        byte = data[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, position
        shift += 7
    raise WireError


def field(number: int, *values: Part) -> bytes:
    """A field whose value is the given bytes, one after the other."""
    return b"".join(parts(number, values))


def parts(number: int, values: Iterable[Part]) -> list[Part]:
    """The same, not yet put together."""
    found = list(values)
    return [bytes((*_varint(number << 3 | LENGTH), *_varint(sum(map(len, found))))), *found]


def _varint(number: int) -> Iterator[int]:
    while number >= 0x80:
        yield number & 0x7F | 0x80
        number >>= 7
    yield number


def unpack(
    data: Bytes, kind: Any, most: int, longest: int = _LONGEST_VARINT
) -> tuple[NDArray[Any], int]:
    """Reads packed varints.

    Args:
      data: begins with them.
      kind: type of the array; larger values are cut to its size, as protobuf does.
      most: how many to read at most.
      longest: how many bytes one may have.

    Returns:
      the numbers, and where the last one of them ends.

    Raises:
      WireError: a number does not end.
    """
    windows = range(0, len(data), _WINDOW)
    count = sum(int(np.count_nonzero(data[i : i + _WINDOW] < 0x80)) for i in windows)
    numbers = arrays.empty(min(count, most), kind)
    position = done = 0
    while position < len(data) and done < len(numbers):
        window = data[position : position + _WINDOW]
        last = np.flatnonzero(window < 0x80)[: len(numbers) - done]
        if not len(last):
            raise WireError
        # Through uint64, whose conversion to another integer keeps the low bits.
        numbers[done : done + len(last)] = _numbers(window, last, longest).astype(kind)
        position += int(last[-1]) + 1
        done += len(last)
    if done < most and position < len(data):
        raise WireError
    return numbers, position


def _numbers(window: Bytes, last: NDArray[np.int64], most: int) -> NDArray[Any]:
    """The numbers whose last bytes are at those places."""
    first = np.concatenate(([0], last[:-1] + 1))
    lengths = last - first + 1
    longest = int(lengths.max())
    values: NDArray[Any] = window[first]
    if longest == 1:
        return values
    if longest > most:
        raise WireError
    values = (values & 0x7F).astype(np.uint64)
    for index in range(1, longest):
        longer = np.flatnonzero(lengths > index)
        digits = (window[first[longer] + index] & 0x7F).astype(np.uint64)
        values[longer] |= digits << np.uint64(7 * index)
    return values


def pack(numbers: NDArray[Any]) -> Iterator[bytes]:
    """Yields the varints of whole numbers [n], some at a time; negative ones take ten bytes."""
    for start in range(0, len(numbers), _WINDOW):
        block = numbers[start : start + _WINDOW]
        if block.dtype.kind == "i":
            block = block.astype(np.int64)
        yield _packed(block.astype(np.uint64))


def _packed(values: NDArray[np.uint64]) -> bytes:
    longest = -(-max(1, int(values.max()).bit_length()) // 7)
    if longest == 1:
        return values.astype(np.uint8).tobytes()
    shifts = np.arange(longest, dtype=np.uint64) * np.uint64(7)
    rests = values[:, np.newaxis] >> shifts
    digits = (rests & np.uint64(0x7F)).astype(np.uint8)
    digits[:, :-1] |= np.where(rests[:, 1:] > 0, np.uint8(0x80), np.uint8(0))
    rests[:, 0] = 1  # A zero has one digit.
    return digits[rests > 0].tobytes()
