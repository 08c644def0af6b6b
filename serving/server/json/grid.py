"""Lists in lists of short whole numbers, all of one size, such as images: read by the array.

A parser makes an object of Python for each number, which then becomes a byte again. Here numpy
looks at all bytes of the text at once. What is not as regular as that is left to the parser, so
whatever is read here is what it would have read.
"""

from __future__ import annotations

import math
import re

import numpy as np
from numpy.typing import NDArray

Text = bytes | bytearray
Grid = NDArray[np.uint16]

_MOST_LEVELS = 8
_OPENING = re.compile(rb"\[+(?=[0-9])")
_ZERO = ord("0")
_BASE = 10


def read(body: Text, start: int, stop: int) -> Grid | None:
    """Reads a list that is written as clients write it: without blanks but one after each comma.

    Args:
      body: has the list in it, from `start` to `stop`.
      start: of its first bracket.
      stop: behind its last bracket.

    Returns:
      the numbers, 0 to 999, in the shape of the lists; None for anything else, such as a list that
      is no JSON, is not regular, or has other values.
    """
    layout = _layout(body, start, stop)
    if layout is None:
        return None
    inner, separator = layout
    text = np.frombuffer(body, np.uint8, stop - start, start)
    digits = text - np.uint8(_ZERO)
    is_digit = digits < _BASE
    digits *= is_digit
    # A bracket comes first and last, so every number begins and ends in between.
    is_last = is_digit[:-1] > is_digit[1:]
    last = np.flatnonzero(is_last)
    shape = (len(last) // math.prod(inner), *inner)
    if len(last) != math.prod(shape):
        return None
    pairs = is_digit[1:] & is_digit[:-1]
    if (pairs[2:] & pairs[:-2]).any():  # Four digits.
        return None
    if ((text[1:-1] == _ZERO) & pairs[1:] & ~is_digit[:-2]).any():  # 07 is no number.
        return None
    # All else is right if the text is that of zeros in this shape, once each number is one.
    kept = ~is_digit
    kept[:-1] |= is_last
    if np.compress(kept, text - digits).tobytes() != _zeros(shape, separator):
        return None
    hundreds = np.zeros_like(digits)
    np.multiply(digits[:-2], is_digit[1:-1], out=hundreds[2:])
    digits[1:] += np.uint8(_BASE) * digits[:-1]
    numbers: Grid = hundreds.take(last).astype(np.uint16)
    numbers *= np.uint16(_BASE * _BASE)
    numbers += digits.take(last)
    return numbers.reshape(shape)


def _layout(body: Text, start: int, stop: int) -> tuple[tuple[int, ...], bytes] | None:
    """The sizes of the lists in the outermost one, and what is between elements: if the list is
    regular, as the first ones have it."""
    opening = _OPENING.match(body, start, stop)
    comma = body.find(b",", start, stop)
    if opening is None or comma < 0 or not body.endswith(b"]", start, stop):
        return None
    levels = opening.end() - start
    if levels > _MOST_LEVELS:
        return None
    separator = b", " if body[comma + 1 : comma + 2] == b" " else b","
    sizes: list[int] = []
    element = b","
    for level in range(1, levels):
        end = body.find(b"]" * level, start, stop)
        if end < 0:
            return None
        sizes.append(body.count(element, start, end) + 1)
        element = b"]" * level
    return tuple(reversed(sizes)), separator


def _zeros(shape: tuple[int, ...], separator: bytes) -> bytes:
    """The text of nested lists of zeros."""
    text = b"0"
    for size in reversed(shape):
        text = b"[" + separator.join([text] * size) + b"]"
    return text
