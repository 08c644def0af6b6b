"""Finds the large lists of a large body, and reads them piece by piece.

A list of one number takes a hundred bytes in Python and four in a request. A body of many such is
therefore never read at once: the text of its large lists is cut at commas, and each piece is made
into an array, or whatever becomes of it, before the next one is read.
"""

from __future__ import annotations

import itertools
import re
import secrets
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from serving.server.tensors import message_cost

LARGE_BYTES = 1 << 19
"""Bodies that are smaller are read at once."""
_LARGE_LIST_BYTES = 1 << 12
"""So are smaller lists in a larger body: a table may have many columns."""
_WINDOW = 1 << 18

_LIST_BYTES = 72
_OBJECT_BYTES = 80
_MEMBER_BYTES = 160
_ELEMENT_BYTES = 24
_QUOTE_BYTES = 24
_BYTE_TIMES = 4
"""What the parts of a document take in the parser and in Python, with an element's place in a list;
and what its bytes take besides, as copies or as numbers, of which a short one is shared."""
_DEEPEST = 1024
"""Levels of nesting that are read (`json_lenient` passes over what is deeper)."""
_COUNTED = (b"[", b"{", b":", b",", b'"')

_DEPTHS = np.zeros(256, np.int8)
_DEPTHS[[*b"[{"]] = 1
_DEPTHS[[*b"]}"]] = -1
_MOST_MEMBERS = 4096
"""In one window; an object with more of them has no large ones there."""
_NAME = re.compile(rb'"(instances|inputs|examples)"[ \t\n\r]*:[ \t\n\r]*\Z')
_LONGEST_NAME = 64

_MOST_OBJECTS = 2
"""Objects in objects in which large lists are looked for; requests have two."""

Span = tuple[int, int]
Text = bytes | bytearray
"""Of JSON; a large body is one that can be emptied."""
Read = Callable[[bytes, int], Any]
"""Reads a JSON text; the second argument is where it begins in the body."""


class Mixed(list[Any]):
    """A list some of whose elements are Pieces, or objects that have such."""


class Pieces:
    """A list of a body, of which one piece at a time is read."""

    def __init__(
        self, body: Text, spans: list[Span], read: Read, empty: Callable[[int], Exception]
    ) -> None:
        self._body = body
        self._spans = spans
        self._read = read
        self._empty = empty

    @property
    def bounds(self) -> Span:
        """Where the list begins in the body, and where what follows it does."""
        return self._spans[0][0] - 1, self._spans[-1][1] + 1

    @property
    def most_values(self) -> int:
        """How many values there are at most, in all lists together."""
        return self._body.count(b",", self._spans[0][0], self._spans[-1][1]) + 1

    def __iter__(self) -> Iterator[list[Any]]:
        """Yields the elements of each piece, in order; there is at least one in each. Elements that
        are large lists are Pieces themselves where the piece is Mixed.

        Raises:
          StatusError: a piece is no JSON.
        """
        for start, end in self._spans:
            elements = self._read(b"[" + self._body[start:end] + b"]", start - 1)
            if not elements:  # Between two commas, or beside a bracket.
                raise self._empty(start)
            yield elements


def split(
    body: Text, read: Read, empty: Callable[[int], Exception], *, any_name: bool = False
) -> tuple[Text, dict[str, Pieces]]:
    """Takes the large lists out of a body.

    Args:
      body: a JSON object, or what should be one; or a list.
      read: for the pieces.
      empty: makes the error about a place where an element is missing.
      any_name: whether lists are taken out that no request needs, or that have no name.

    Returns:
      the body with a text in the place of each such list, and the lists by those texts.
    """
    pieces: dict[str, Pieces] = {}
    kept: list[Text] = []
    position = 0
    token = secrets.token_hex(8)
    for start, spans in _large_lists(body, any_name=any_name):
        name = f"{token}-{len(pieces)}"
        pieces[name] = Pieces(body, spans, read, empty)
        kept.append(body[position:start])
        kept.append(f'"{name}"'.encode())
        position = spans[-1][1] + 1
    return b"".join((*kept, body[position:])) if pieces else body, pieces


def place_in_body(offset: int, pieces: dict[str, Pieces]) -> int:
    """Where in a body is what stands at that place of the text that `split` left of it."""
    for name, lists in pieces.items():
        start, end = lists.bounds
        if offset <= start:
            break
        offset += end - start - len(f'"{name}"')
    return offset


def tree_bytes(text: Text) -> int:
    """About how much memory a JSON text takes that is read at once.

    Neither what stands in its strings counts, nor what is nested so deep that it is passed over.
    """
    size = _BYTE_TIMES * len(text)
    count = size + _tree_bytes(*(text.count(symbol) for symbol in _COUNTED))
    if count <= message_cost.most_bytes(len(text)):
        return count
    counts = np.zeros(256, np.int64)
    for _, window, depth in _windows(text):
        counts += np.bincount(window[(depth >= 0) & (depth <= _DEEPEST)], minlength=256)
    counts[ord('"')] *= 2  # The first of each pair belongs to the string.
    return size + _tree_bytes(*(int(counts[ord(symbol)]) for symbol in _COUNTED))


def _tree_bytes(lists: int, objects: int, members: int, elements: int, quotes: int) -> int:
    return (
        _LIST_BYTES * lists
        + _OBJECT_BYTES * objects
        + _MEMBER_BYTES * members
        + _ELEMENT_BYTES * elements
        + _QUOTE_BYTES * quotes
    )


def _large_lists(body: Text, *, any_name: bool, level: int = 0) -> Iterator[tuple[int, list[Span]]]:
    """Yields where each list begins, and the spans of its pieces."""
    for start, end, commas in _large_values(body):
        if not any_name and not _NAME.search(body[max(0, start - _LONGEST_NAME) : start]):
            continue
        if body[start : start + 1] == b"[":
            yield start, _spans(start, end, commas)
        elif level < _MOST_OBJECTS:
            inner = _large_lists(body[start : end + 1], any_name=True, level=level + 1)
            for first, spans in inner:
                yield start + first, [(start + left, start + right) for left, right in spans]


def place(value: Any, pieces: dict[str, Pieces], level: int = 0) -> bool:
    """Puts pieces in the places of their texts in a document; whether there was any."""
    found = False
    for key, part in list(value.items() if isinstance(value, dict) else enumerate(value)):
        if isinstance(part, str) and part in pieces:
            value[key] = pieces[part]
            found = True
        elif isinstance(part, dict) and level <= _MOST_OBJECTS:
            found |= place(part, pieces, level + 1)
    return found


def _spans(start: int, end: int, commas: list[int]) -> list[Span]:
    return [(left + 1, right) for left, right in itertools.pairwise((start, *commas, end))]


def _large_values(text: Text) -> Iterator[tuple[int, int, list[int]]]:
    """Finds the large lists and objects that are members of the object in a text.

    Yields:
      where it begins and ends, both brackets included, and some of the commas between its elements,
      about one in each window.
    """
    commas: list[int] = []
    opened = -1
    for base, window, depth in _windows(text):
        brackets = np.flatnonzero(_is_edge(window, depth)).tolist()
        if len(brackets) > _MOST_MEMBERS:
            return
        for position in brackets:
            if depth[position] == 0:
                return  # The object ends; what follows is passed over.
            if depth[position] == 2:
                opened, commas = base + position, []
            elif opened >= 0:
                commas += _last_comma(base, window, depth, opened, position)
                if base + position - opened >= _LARGE_LIST_BYTES and _match(
                    text, opened, base + position
                ):
                    yield opened, base + position, commas
                opened = -1
        if opened >= 0:
            commas += _last_comma(base, window, depth, opened, len(window))


def _is_edge(window: NDArray[np.uint8], depth: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Where lists and objects that are members of the outermost object begin and end, and it."""
    change = _DEPTHS[window]
    edges: NDArray[np.bool_] = ((change > 0) & (depth == 2)) | (
        (change < 0) & ((depth == 1) | (depth == 0))
    )
    return edges


def _match(text: Text, start: int, end: int) -> bool:
    return text[start : start + 1] + text[end : end + 1] in (b"[]", b"{}")


def _last_comma(
    base: int, window: NDArray[np.uint8], depth: NDArray[np.int32], opened: int, end: int
) -> list[int]:
    """Where the last comma of a window is that stands between the elements of the open list."""
    start = max(opened - base, 0)
    found = np.flatnonzero((window[start:end] == ord(",")) & (depth[start:end] == 2))
    return [base + start + int(found[-1])] if len(found) else []


def _windows(text: Text) -> Iterator[tuple[int, NDArray[np.uint8], NDArray[np.int32]]]:
    """Yields pieces of a text with the depth of nesting after each byte; in strings, -1."""
    if b"\\" in text:  # So that each quotation mark begins or ends a string.
        text = text.replace(b"\\\\", b"__").replace(b'\\"', b"__")
    data = np.frombuffer(text, np.uint8)
    depth = inside = 0
    for base in range(0, len(data), _WINDOW):
        window = data[base : base + _WINDOW]
        strings = (np.cumsum(window == ord('"'), dtype=np.int32) + inside) & 1
        changes = _DEPTHS[window]
        changes[strings == 1] = 0
        depths = np.cumsum(changes, dtype=np.int32) + depth
        inside, depth = int(strings[-1]), int(depths[-1])
        depths[strings == 1] = -1
        yield base, window, depths
