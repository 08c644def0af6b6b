"""Reads a request body: any JSON object that TensorFlow Serving's parser would accept.

That parser (rapidjson with kParseNanAndInfFlag) takes NaN and Infinity, ignores what follows the
document, passes bytes that are not UTF-8 through, and finds the first of several members of one
name; orjson does none of it. So orjson reads what it can, at four times the speed, and
`json_leniently` reads the rest.
"""

from __future__ import annotations

import contextlib
import itertools
import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import orjson

from serving.server.json import grid as json_grid
from serving.server.json import lenient as json_lenient
from serving.server.json import pieces as json_pieces
from serving.server.json.document import Document, JsonObject
from serving.server.json.lenient import Repeated
from serving.server.json.pieces import Mixed, Pieces, Text
from serving.server.status import StatusError, invalid_argument
from serving.server.tensors import message_cost

_SHOWN = 256
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_INDENT = "    "
_EASY_TIMES = 6
"""A text that would take more than that many times its length is read in pieces if it can be."""
_LEAST_GRID = 1 << 13
"""Bytes of a body from which on a grid in it is read faster by the array."""
_NO_LIST = b"[]"
_MOST_DEPTH = 4
"""Levels of pieces in pieces, as each has a copy of its text."""
_USED = frozenset(("instances", "inputs", "examples", "context", "signature_name"))


def parse_object(body: Text, *, grids: bool = False) -> Document:
    """Parses a body whose document must be an object.

    Args:
      body: the text.
      grids: whether `instances`, `inputs` or one of these may be a `json_grid.Grid` instead of
        lists, which `expand` makes of it.

    Raises:
      StatusError: INVALID_ARGUMENT, in the words of tensorflow/serving util/json_tensor.cc.
    """
    if not body:
        raise invalid_argument("JSON Parse error: The document is empty")
    if grids and _LEAST_GRID <= len(body) < json_pieces.LARGE_BYTES:
        with_grid = _with_grid(body)
        if with_grid is not None:
            return with_grid
    pieces: dict[str, Pieces] = {}
    large = len(body) >= json_pieces.LARGE_BYTES
    if not large:
        value = _read(body, 0)
    else:
        skeleton, pieces = json_pieces.split(body, _parse, json_lenient.invalid_value)
        with _in_body(pieces):
            value = _parse(skeleton)
    if not isinstance(value, dict):
        raise value_error(value, "Is not object")
    document = Document(value)
    document.size = len(body)
    document.booleans = _has_word(body, b"u", b"true") or _has_word(body, b"l", b"false")
    if pieces:
        json_pieces.place(document, pieces)
    elif isinstance(value, Repeated):
        document.members = value.members
    if large:
        _read_unused(document)
    return document


def _with_grid(body: Text) -> Document | None:
    """The object that a body holds if the only list in it is a grid."""
    start, stop = body.find(b"["), body.rfind(b"]") + 1
    grid = json_grid.read(body, start, stop) if 0 <= start < stop else None
    if grid is None:
        return None
    rest = body[:start] + _NO_LIST + body[stop:]
    try:
        value = orjson.loads(rest)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(value, dict) or _may_repeat(rest, value):
        return None
    for name in ("instances", "inputs"):
        found = value.get(name)
        place, key = (found, next(iter(found), "")) if isinstance(found, dict) else (value, name)
        # No other list can be there, and in a string it would be none.
        if place.get(key) == []:
            place[key] = grid
            document = Document(value)
            document.size = len(body)
            document.booleans = b"true" in rest or b"false" in rest
            return document
    return None


def _read_unused(document: Document) -> None:
    for name in document.keys() - _USED:
        if isinstance(document[name], Pieces):
            for _ in document[name]:  # Must be JSON too.
                pass


@contextlib.contextmanager
def _in_body(pieces: dict[str, Pieces], base: int = 0) -> Iterator[None]:
    """Has errors of a text without its large lists name the place in the body, which has them."""
    try:
        yield
    except json_lenient.ParseError as error:
        place = json_pieces.place_in_body(error.offset - base, pieces) + base
        raise json_lenient.ParseError(error.what, place) from error


def _check_cost(text: Text) -> None:
    """Whether a text can be read at once: what is not a list of many elements, or not closed."""
    most = message_cost.most_bytes(len(text))
    if json_pieces.tree_bytes(text) > most:
        raise invalid_argument(
            f"{len(text)} bytes of the body, which are in no list of many elements, or in one that"
            f" is not closed, would take more than {most} bytes of memory; close every list, and"
            " send several smaller elements"
        )


def _parse(text: Text, offset: int = 0, depth: int = 0) -> Any:
    """Reads any document; `offset` is where it begins in the body, for errors."""
    if len(text) < json_pieces.LARGE_BYTES:
        return _read(text, offset)
    if depth < _MOST_DEPTH and json_pieces.tree_bytes(text) > _EASY_TIMES * len(text):
        return _parse_split(text, offset, depth)
    _check_cost(text)
    return _read(text, offset)


def _parse_split(text: Text, offset: int, depth: int) -> Any:
    """Reads a document whose large lists are read in pieces, wherever they are."""

    def read(piece: bytes, start: int) -> Any:
        return _parse(piece, offset + start, depth + 1)

    def empty(start: int) -> StatusError:
        return json_lenient.invalid_value(offset + start)

    skeleton, pieces = json_pieces.split(text, read, empty, any_name=True)
    _check_cost(skeleton)
    with _in_body(pieces, offset):
        value = _read(skeleton, offset)
    if pieces and isinstance(value, list | dict) and json_pieces.place(value, pieces):
        return Mixed(value) if isinstance(value, list) else value
    return value


def _read(text: Text, offset: int) -> Any:
    try:
        value = orjson.loads(text.removeprefix(_BYTE_ORDER_MARK) if text[:1] == b"\xef" else text)
    except orjson.JSONDecodeError:
        return json_lenient.parse(text, offset)
    return json_lenient.parse(text, offset) if _may_repeat(text, value) else value


def _has_word(body: Text, rare: bytes, word: bytes) -> bool:
    # The search for one byte is forty times as fast, and most bodies do not even have that.
    return rare in body and word in body


def _may_repeat(body: Text, value: Any) -> bool:
    """Whether a name may come twice in an object, so that one of two members was lost.

    There are at least as many colons as members, and where no space comes before a colon, at least
    as many colons after a quotation mark; other ones are in strings.
    """
    first = body.find(b"{")
    if first < 0:
        return False
    alone = isinstance(value, dict) and body.find(b"{", first + 1) < 0
    members = len(value) if alone else _count_members(value)
    if body.count(b":") == members:
        return False
    spaced = any(space + b":" in body for space in (b" ", b"\t", b"\n", b"\r"))
    return spaced or body.count(b'":') != members


def _count_members(value: Any) -> int:
    """How many members all objects have together, except in lists that begin with a number."""
    count = 0
    level = [value]
    while level:
        objects = [part for part in level if type(part) is dict]
        lists = [x for x in level if type(x) is list and x and not isinstance(x[0], int | float)]
        count += sum(map(len, objects))
        parts = itertools.chain.from_iterable((*map(dict.values, filter(None, objects)), *lists))
        level = [part for part in parts if type(part) in (dict, list)]
    return count


def show(value: Any) -> str:
    """A JSON value for a message, as upstream prints it: no token begins after 256 bytes, and what
    its writer refuses, NaN and infinities, ends the text. Strings are cut, which are not there."""
    shown = b""
    with contextlib.suppress(_UnwritableError):
        # Lazily, because a value can be as large as a request.
        for token in _written(value):
            shown += token.encode("utf-8", "replace")
            if len(shown) >= _SHOWN:
                break
    return shown.decode()


class _UnwritableError(ValueError):
    """A number that rapidjson does not write."""


def _written(value: Any, indent: str = "", before: str = "") -> Iterator[str]:
    """The text of a value in the tokens that rapidjson's PrettyWriter writes, each with what comes
    before it; lists in one line."""
    if isinstance(value, dict):
        members = getattr(value, "members", None) or value.items()
        yield before + "{"
        separator = ""
        for name, member in members:
            yield f"{separator}\n{indent}{_INDENT}{_quoted(name)}"
            yield from _written(member, indent + _INDENT, ": ")
            separator = ","
        yield f"\n{indent}}}" if value else "}"
    elif isinstance(value, Pieces):
        yield from _written(next(iter(value)), indent, before)
    elif isinstance(value, np.ndarray):
        yield from _written(value.tolist(), indent, before)
    elif isinstance(value, list):
        yield before + "["
        separator = ""
        for element in value:
            yield from _written(element, indent + _INDENT, separator)
            separator = ", "
        yield "]"
    elif isinstance(value, float) and not math.isfinite(value):
        yield before
        raise _UnwritableError
    elif isinstance(value, str):
        yield before + _quoted(value)
    elif isinstance(value, float):
        yield before + _decimal(value)
    else:
        yield before + ("null" if value is None else str(value).lower())


def _quoted(text: str) -> str:
    return json_lenient.quote(text[:_SHOWN])


def _decimal(value: float) -> str:
    """The shortest digits, with an exponent only where rapidjson's Prettify writes one."""
    digits, _, exponent = f"{value!r}".partition("e")
    if not exponent:
        return digits
    whole, _, fraction = digits.partition(".")
    places = int(exponent)
    if 0 <= places < 21:
        return f"{whole}{fraction:0<{places}}.0"
    if -7 < places < 0:
        sign = "-" * whole.startswith("-")
        return f"{sign}0.{'0' * (-places - 1)}{whole.lstrip('-')}{fraction}"
    return f"{digits.removesuffix('.0')}e{places}"


def show_name(name: str) -> str:
    """A name for a message; one can be as large as a request."""
    return name[:_SHOWN]


def value_error(value: Any, problem: str) -> StatusError:
    """INVALID_ARGUMENT about one JSON value."""
    return invalid_argument(f"JSON Value: {show(value)} {problem}")


def type_name(value: Any) -> str:
    """The name of a JSON value's type as upstream prints it."""
    if isinstance(value, bool):
        return str(value)
    return next(name for kind, name in _TYPE_NAMES if isinstance(value, kind))


_TYPE_NAMES: tuple[tuple[type | tuple[type, ...], str], ...] = (
    (type(None), "Null"),
    ((int, float), "Number"),
    (str, "String"),
    ((list, Pieces), "Array"),
    (dict, "Object"),
)


def signature_name(document: JsonObject) -> str:
    """The `signature_name` of a request; "" when it has none.

    Raises:
      StatusError: INVALID_ARGUMENT when it is no string.
    """
    name = document.get("signature_name", "")
    if not isinstance(name, str):
        raise value_error(
            document, "not formatted correctly. 'signature_name' key must be a string value."
        )
    return name
