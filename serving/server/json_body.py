"""Reads a request body: any JSON object that TensorFlow Serving's parser would accept.

That parser (rapidjson with kParseNanAndInfFlag) takes NaN and Infinity, ignores what follows the
document, and passes bytes that are not UTF-8 through; orjson does none of it. So orjson reads what
it can, at four times the speed, and the lenient parser of the standard library reads the rest.
"""

from __future__ import annotations

import json
import re
from typing import Any

import orjson

from serving.server.status import StatusError, invalid_argument

JsonObject = dict[str, Any]

_SHOWN = 256
_WHITESPACE = re.compile(r"[ \t\n\r]*")
_BRACKETS = re.compile(r'"(?:[^"\\]|\\.)*"?|[\[\]{}]', re.DOTALL)
_WRITER = json.JSONEncoder(indent=4, ensure_ascii=False)

_PARSE_ERRORS = {
    "Expecting property name enclosed in double quotes": "Missing a name for object member.",
    "Illegal trailing comma before end of object": "Missing a name for object member.",
    "Expecting ':' delimiter": "Missing a colon after a name of object member.",
    "Unterminated string starting at": "Missing a closing quotation mark in string.",
    "Invalid \\escape": "Invalid escape character in string.",
    "Invalid \\uXXXX escape": "Incorrect hex digit after \\u escape in string.",
    "Invalid control character at": "Invalid encoding in string.",
}
"""The standard library's messages, and what rapidjson (error/en.h) says instead."""


def parse_object(body: bytes) -> JsonObject:
    """Parses a body whose document must be an object.

    Raises:
      StatusError: INVALID_ARGUMENT, in the words of tensorflow/serving util/json_tensor.cc.
    """
    if not body:
        raise invalid_argument("JSON Parse error: The document is empty")
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        document = _parse_leniently(body)
    if not isinstance(document, dict):
        raise value_error(document, "Is not object")
    return document


def _parse_leniently(body: bytes) -> Any:
    # surrogateescape carries bytes that are not UTF-8 through, as rapidjson does.
    text = body.decode("utf-8", "surrogateescape")
    start = _WHITESPACE.match(text).end()  # type: ignore[union-attr]  # matches nothing as well
    if start == len(text):
        raise _parse_error("The document is empty.", text, start)
    try:
        return _READER.raw_decode(text, start)[0]
    except json.JSONDecodeError as error:
        if error.msg.startswith("Expecting ',' delimiter"):
            message = _missing_comma(text[: error.pos])
        else:
            message = _PARSE_ERRORS.get(error.msg, "Invalid value.")
        raise _parse_error(message, text, error.pos) from error
    except RecursionError as error:
        raise invalid_argument("JSON Parse error: Lists and objects are nested too deeply") from (
            error
        )


def _parse_error(message: str, text: str, position: int) -> StatusError:
    offset = len(text[:position].encode("utf-8", "surrogateescape"))
    return invalid_argument(f"JSON Parse error: {message} at offset: {offset}")


def _missing_comma(before: str) -> str:
    """Tells a list from an object by the innermost bracket that is open."""
    opened: list[str] = []
    for token in _BRACKETS.findall(before):
        if token in "[{":
            opened.append(token)
        elif token in "]}" and opened:
            opened.pop()
    if opened[-1:] == ["{"]:
        return "Missing a comma or } after an object member."
    return "Missing a comma or ] after an array element."


def _integer(digits: str) -> int | float:
    """A number beyond 64 bits is a double, as in rapidjson and orjson."""
    if len(digits) <= 20:
        number = int(digits)
        if -(2**63) <= number < 2**64:
            return number
    return _double(digits)


def _double(digits: str) -> float:
    number = float(digits)
    if number in (float("inf"), float("-inf")):
        raise invalid_argument("JSON Parse error: Number too big to be stored in double.")
    return number


_READER = json.JSONDecoder(parse_int=_integer, parse_float=_double, strict=True)


def show(value: Any) -> str:
    """A JSON value for a message, as upstream prints it, cut at 256 bytes."""
    shown = ""
    # Lazily, because a value can be as large as a request.
    for part in _WRITER.iterencode(value):
        shown += part[:_SHOWN]
        if len(shown) >= _SHOWN:
            break
    return shown.encode("utf-8", "replace")[:_SHOWN].decode("utf-8", "ignore")


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
    (list, "Array"),
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
