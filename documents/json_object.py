"""JSON from files that anybody may have written to: one object, and nothing that reads two ways."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any


class JsonError(ValueError):
    """Bytes are not one sound JSON object. The text is the end of a sentence about them."""


def parse_object(content: bytes) -> dict[str, Any]:
    """The object, with keys that occur once and texts that every file and terminal can hold.

    NaN and the infinities are taken, since Python and TensorFlow write them.

    Raises:
      JsonError: it is something else.
    """
    try:
        value = json.loads(content.decode("utf-8"), object_pairs_hook=_object)
    except UnicodeDecodeError as error:
        raise JsonError("is not UTF-8 text") from error
    except RecursionError as error:
        raise JsonError("is nested too deeply") from error
    except JsonError:
        raise
    except ValueError as error:
        raise JsonError(f"is not valid JSON ({error})") from error
    if not isinstance(value, dict):
        raise JsonError(f"is not a JSON object but {_KINDS[type(value)]}")
    # Only this escape lets in what UTF-8 itself forbids.
    if b"\\ud" in content.lower():
        for text in _texts(value):
            if any("\ud800" <= letter <= "\udfff" for letter in text):
                raise JsonError(f"holds half a character in {text[:40]!r}")
    return value


_KINDS = {
    list: "a list",
    str: "a text",
    int: "a number",
    float: "a number",
    bool: "true or false",
    type(None): "null",
}


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise JsonError(f"has the key {twice[:40]!r} twice")
    return found


def _texts(value: Any) -> Iterator[str]:
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, str):
            yield item
        elif isinstance(item, dict):
            waiting += [*item.keys(), *item.values()]
        elif isinstance(item, list):
            waiting += item
