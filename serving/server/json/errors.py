"""Where and why rapidjson stops, told from where Python's parser stops.

The texts are those of rapidjson 1.1.0 (error/en.h), which upstream builds with, and the places
those of its reader.h.
"""

from __future__ import annotations

import json
import re

STRING = r'"[^"\\]*(?:\\.[^"\\]*)*"?'
BRACKETS = re.compile(rf"{STRING}|[\[\]{{}}]", re.DOTALL)
_TOO_BIG = re.compile(
    rf"{STRING}|-?(?P<whole>\d+)(?:\.(?P<fraction>\d+))?(?:[eE](?P<exponent>[+-]?\d+))?", re.DOTALL
)
_WHOLE = re.compile(r"(?:^|[^\w.+-])-?\d+\Z")
_DECIMAL = re.compile(r"(?:^|[^\w.+-])-?\d+(?:\.\d+)?\Z")
_LONGEST_NUMBER = 400
"""Characters before a place in which the number that ends there is looked for."""
_WORDS = ("true", "false", "null", "NaN", "Infinity")
_LARGEST_EXPONENT = 308
_DIGITS = 17
"""That rapidjson reads of a fraction."""

_NAME = "Missing a name for object member."
_ESCAPE = "Invalid escape character in string."
_QUOTE = "Missing a closing quotation mark in string."
_VALUE = "Invalid value."


def too_big(digits: str) -> bool:
    """Whether rapidjson refuses a number that is infinite as a double: by its exponent, or by its
    digits where it has none. What passes by its exponent is infinite there, too."""
    matched = _TOO_BIG.fullmatch(digits)
    if matched is None or matched["exponent"] is None:
        return True
    longest = _LARGEST_EXPONENT + min(len(matched["fraction"] or ""), _DIGITS)
    return len(matched["whole"]) > _LARGEST_EXPONENT or int(matched["exponent"][:6]) > longest


def find_too_big(text: str) -> tuple[str, int]:
    """The message about the first such number of a text, and where it begins."""
    for token in _TOO_BIG.finditer(text):
        if token["whole"] and abs(float(token[0])) == float("inf") and too_big(token[0]):
            return "Number too big to be stored in double.", token.start()
    return "Number too big to be stored in double.", 0


def translated(error: json.JSONDecodeError) -> tuple[str, int]:
    """The message, and the place in the text."""
    text, position = error.doc, error.pos
    what = error.msg
    if what.startswith("Illegal trailing comma"):
        # As Python 3.13 has it, at the comma; rapidjson has read on to what ends it.
        rest = text[position + 1 :]
        position += 1 + len(rest) - len(rest.lstrip(" \t\n\r"))
        return (_NAME if what.endswith("object") else _VALUE), position
    if what == "Expecting value":
        return _VALUE, position + _read_of_value(text, position)
    if what.startswith("Expecting ',' delimiter"):
        return _broken_number(text, position) or (_missing_comma(text[:position]), position)
    if what == "Unterminated string starting at":
        backslashes = len(text) - len(text.rstrip("\\"))
        return (_ESCAPE, len(text) - 1) if backslashes % 2 else (_QUOTE, len(text))
    if what == "Invalid control character at":
        return (_ESCAPE if text[position] != "\0" else _QUOTE), position
    if what == "Invalid \\uXXXX escape":
        # The place of the backslash.
        return "Incorrect hex digit after \\u escape in string.", text.rfind("\\", 0, position + 1)
    return _MESSAGES.get(what, _VALUE), position


_MESSAGES = {
    "Expecting property name enclosed in double quotes": _NAME,
    "Expecting ':' delimiter": "Missing a colon after a name of object member.",
    "Invalid \\escape": _ESCAPE,
}
"""The standard library's messages, and what rapidjson says instead at the same place."""


def _read_of_value(text: str, position: int) -> int:
    """How many characters rapidjson has taken when it finds that what begins there is no value."""
    sign = text.startswith("-", position)
    words = [word for word in _WORDS if not sign or word[0] in "NI"]
    rest = text[position + sign : position + sign + max(map(len, _WORDS))]
    return sign + max(_common(rest, word) for word in words)


def _common(text: str, word: str) -> int:
    return next((i for i, pair in enumerate(zip(text, word, strict=False)) if len(set(pair)) > 1),
                min(len(text), len(word)))  # fmt: skip


def _broken_number(text: str, position: int) -> tuple[str, int] | None:
    """What is wrong where a number ends, if it goes on as one: `1.` or `1e`."""
    before = text[max(0, position - _LONGEST_NUMBER) : position]
    if text.startswith(".", position) and _WHOLE.search(before):
        return "Miss fraction part in number.", position + 1
    if text.startswith(("e", "E"), position) and _DECIMAL.search(before):
        signed = text.startswith(("+", "-"), position + 1)
        return "Miss exponent in number.", position + 1 + signed
    return None


def _missing_comma(before: str) -> str:
    """Tells a list from an object by the innermost bracket that is open."""
    opened: list[str] = []
    for token in BRACKETS.findall(before):
        if token in "[{":
            opened.append(token)
        elif token in "]}" and opened:
            opened.pop()
    if opened[-1:] == ["{"]:
        return "Missing a comma or '}' after an object member."
    return "Missing a comma or ']' after an array element."
