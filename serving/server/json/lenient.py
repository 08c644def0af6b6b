"""The JSON parser for what orjson declines, with rapidjson's habits and error texts."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from serving.server.json import errors as json_errors
from serving.server.json.errors import BRACKETS, STRING
from serving.server.status import Code, StatusError

MAX_DEPTH = 500
"""Lists and objects deeper than this are read as empty ones: no tensor has so many dimensions, and
what is not used may be nested as deep as it likes. Python's parser could not go beyond 1000."""

quote = json.JSONEncoder(ensure_ascii=False).encode

_BYTE_ORDER_MARK = "\ufeff"
_NO_BEGINNING = ",:]}\0"
"""What begins no document at all for rapidjson; whatever else is no value is a wrong one."""
_ESCAPE_LENGTH = len(r"\uD83D")
_WHITESPACE = re.compile(r"[ \t\n\r]*")
_SPECIAL_NUMBERS = re.compile(rf"{STRING}|-?Inf(?:inity|(?!i))|-NaN", re.DOTALL)
_STRINGS = re.compile(f"({STRING})", re.DOTALL)
_SHORT = re.compile("Inf(?!i)")
_GROWN = {"Inf": 5, "-Inf": 5, "-NaN": -1}
"""By how many characters the long form is longer."""
_HALF_PAIRS = re.compile(
    r"\\(?:u(?P<high>[dD][89abAB][0-9a-fA-F]{2})(?!\\u[dD][c-fC-F][0-9a-fA-F]{2})|.)", re.DOTALL
)
"""Escapes, of which those with `high` lack the second half of their character."""


class ParseError(StatusError):
    """A text is no JSON, in rapidjson's words."""

    def __init__(self, what: str, offset: int) -> None:
        super().__init__(Code.INVALID_ARGUMENT, f"JSON Parse error: {what} at offset: {offset}")
        self.what = what
        self.offset = offset


class _TooBigError(ValueError):
    """A number does not fit a double."""


class Repeated(dict[str, Any]):
    """An object in which a name comes more than once: as a dictionary, the first of each."""

    def __init__(self, members: Sequence[tuple[str, Any]]) -> None:
        super().__init__()
        self.members = members
        """All of them, in order."""
        for name, value in members:
            self.setdefault(name, value)


def parse(body: bytes | bytearray, offset: int = 0) -> Any:
    """Reads the document that a text begins with.

    Args:
      body: the text.
      offset: where it begins in the body of the request, for errors.

    Raises:
      StatusError: INVALID_ARGUMENT, in rapidjson's words.
    """
    # surrogateescape carries bytes that are not UTF-8 through, as rapidjson does.
    text = body.decode("utf-8", "surrogateescape")
    try:
        value, end = _read(text, offset)
    except RecursionError:
        text = _shallow(text)
        value, end = _read(text, offset)
    _check_pairs(text[:end], offset)
    return value


def invalid_value(offset: int) -> StatusError:
    """The error about a place where a value should be."""
    return _parse_error("Invalid value.", "", 0, offset)


def _read(text: str, offset: int, source: str = "") -> tuple[Any, int]:
    """Reads a text, of which `source` is the form before its special numbers were written out."""

    def failed(message: str, position: int) -> StatusError:
        if source:
            return _parse_error(message, source, _place_before(source, position), offset)
        return _parse_error(message, text, position, offset)

    start = _WHITESPACE.match(text, text.startswith(_BYTE_ORDER_MARK)).end()  # type: ignore[union-attr]  # matches nothing as well
    if start == len(text) or text[start] in _NO_BEGINNING:
        raise failed("The document is empty.", start)
    try:
        return _READER.raw_decode(text, start)
    except json.JSONDecodeError as error:
        if text.startswith(("Inf", "-Inf", "-NaN"), error.pos):
            written_out = _written_out(text)
            if written_out != text:
                return _read(written_out, offset, text)
        message, position = json_errors.translated(error)
        # An escape that begins no later than that is read before.
        _check_pairs(text[: max(position, error.pos) + _ESCAPE_LENGTH], offset)
        raise failed(message, position) from error
    except _TooBigError as error:
        message, position = json_errors.find_too_big(text)
        _check_pairs(text[:position], offset)
        raise failed(message, position) from error


def _written_out(text: str) -> str:
    """The text with the long forms in the places of the short ones, which Python's parser lacks."""
    parts = _STRINGS.split(text)
    parts[::2] = [_SHORT.sub("Infinity", part).replace("-NaN", "NaN") for part in parts[::2]]
    return "".join(parts)


def _place_before(source: str, position: int) -> int:
    """Where a place of the written-out text is in its source."""
    for token in _SPECIAL_NUMBERS.finditer(source):
        if token.start() >= position:
            break
        position -= min(_GROWN.get(token[0], 0), position - token.start())
    return position


def _shallow(text: str) -> str:
    """The text without what is nested deeper than MAX_DEPTH."""
    kept: list[str] = []
    depth = start = 0
    for token in BRACKETS.finditer(text):
        if token[0] in "[{":
            depth += 1
            if depth == MAX_DEPTH:
                kept.append(text[start : token.end()])
                start = len(text)
        elif token[0] in "]}":
            if depth == MAX_DEPTH:
                start = token.start()
            depth -= 1
    return "".join((*kept, text[start:]))


def _check_pairs(text: str, offset: int) -> None:
    if "\\u" not in text:
        return
    for escape in _HALF_PAIRS.finditer(text):
        if escape["high"]:
            raise _parse_error(
                "The surrogate pair in string is invalid.", text, escape.start(), offset
            )


def _parse_error(message: str, text: str, position: int, offset: int) -> StatusError:
    offset += len(text[:position].encode("utf-8", "surrogateescape"))
    return ParseError(message, offset)


def _object(members: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(members)
    return found if len(found) == len(members) else Repeated(members)


def _integer(digits: str) -> int | float:
    """A number beyond 64 bits is a double, as in rapidjson and orjson."""
    if len(digits) <= 20:
        number = int(digits)
        if -(2**63) <= number < 2**64:
            return number
    return _double(digits)


def _double(digits: str) -> float:
    number = float(digits)
    if number in (float("inf"), float("-inf")) and json_errors.too_big(digits):
        raise _TooBigError
    return number


_READER = json.JSONDecoder(
    parse_int=_integer, parse_float=_double, object_pairs_hook=_object, strict=True
)
