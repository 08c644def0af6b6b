"""The bytes that JSON strings stand for: UTF-8, or base64 in an object of its own."""

from __future__ import annotations

import base64
import binascii
import contextlib
from typing import Any

from serving.server.json.body import value_error
from serving.server.status import invalid_argument

_BASE64_KEY = "b64"
_WHITESPACE = str.maketrans("", "", " \t\n\r\f\v")
_PADDING = {0: (0,), 2: (0, 2), 3: (0, 1)}
"""How many padding characters may follow, by the characters in the last group of four."""


def encode_text(text: str) -> bytes:
    """The bytes of a JSON string as they were in the request.

    `json_body` reads bytes that are no UTF-8 as lone surrogates; half a pair that was written as an
    escape takes three bytes, as in rapidjson.
    """
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def is_base64(value: Any) -> bool:
    """Whether a value is `{"b64": "…"}`, the form in which bytes travel."""
    return type(value) is dict and len(value) == 1 and isinstance(value.get(_BASE64_KEY), str)


def from_base64(value: dict[str, Any]) -> bytes:
    """The bytes of such a value.

    Raises:
      StatusError: INVALID_ARGUMENT when it is not of that form.
    """
    if not is_base64(value):
        raise value_error(value, "not formatted correctly for base64 data")
    return decode_base64(value[_BASE64_KEY])


def decode_base64(text: str) -> bytes:
    """Decodes as absl::Base64Unescape: whitespace is skipped and padding, `=` or `.`, is left out
    or complete.

    Raises:
      StatusError: INVALID_ARGUMENT when it is not base64.
    """
    with contextlib.suppress(binascii.Error, ValueError):
        if len(text) % 4:
            raise ValueError
        return base64.b64decode(text, validate=True)
    text = text.translate(_WHITESPACE)
    packed = text.rstrip("=.")
    try:
        if len(text) - len(packed) not in _PADDING.get(len(packed) % 4, ()):
            raise ValueError
        return base64.b64decode(packed + "=" * (-len(packed) % 4), validate=True)
    except (binascii.Error, ValueError) as error:
        raise invalid_argument("Unable to base64 decode") from error
