"""The same text as somebody else would write it, which is another one to whoever compares."""

from __future__ import annotations

import html
import html.entities
import json
import unicodedata
import urllib.parse
from collections.abc import Sequence

NOTHING = ("NA", "null", "None", "nan", "-", "0", "n/a")
"""What other programs write where there is no date or time."""
_LATIN = "Straße"
"""A word that has another length in capitals."""
_WIDE = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}
"""Signs of ASCII as wide as Chinese ones, which look alike."""
_ENTITIES = {chr(code): f"&{name};" for code, name in html.entities.codepoint2name.items()}
_MARK, _NO_WIDTH = "\ufeff", "\u200b"
"""Before the first cell of some files, and between letters that were copied from a page."""
_TWO_LETTERS = {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "å": "aa", "ø": "oe", "æ": "ae"}
_SPELT_OUT = str.maketrans(
    {**_TWO_LETTERS, **{a.upper(): b.title() for a, b in _TWO_LETTERS.items() if a != "ß"}}
)
"""How they are written where a keyboard lacks them."""
_ALIKE = str.maketrans(
    "aceopxyABCEHKMOPTX",
    "\u0430\u0441\u0435\u043e\u0440\u0445\u0443"
    "\u0410\u0412\u0421\u0415\u041d\u041a\u041c\u041e\u0420\u0422\u0425",
)
"""Cyrillic letters that nobody tells from Latin ones."""


def other_texts(value: bytes) -> Sequence[bytes]:
    """In other case, with blanks, without accents, in other forms of Unicode, in other bytes, with
    an ending, twice; each at its place, whatever the text."""
    text = value.decode("utf-8", "replace")
    apart = unicodedata.normalize("NFD", text)
    return [
        text.upper().encode(),
        text.lower().encode(),
        text.title().encode(),
        text.title().swapcase().encode(),
        text.capitalize().encode(),
        text.translate(_WIDE).encode(),
        f"{_MARK}{text}".encode(),
        f"{text[: len(text) // 2]}{_NO_WIDTH}{text[len(text) // 2 :]}".encode(),
        value + b" ",
        b" " + value,
        value + value,
        value[: len(value) // 2] or b"x",
        apart.encode(),
        "".join(sign for sign in apart if not unicodedata.combining(sign)).encode(),
        text.translate(_SPELT_OUT).encode(),
        text.translate(_ALIKE).encode(),
        # As programs write it that take it for, or have it in, another encoding.
        value.decode("latin-1").encode(),
        text.encode("latin-1", "replace"),
        text.encode("ascii", "replace"),
        html.escape(text).encode(),
        # As they stand in files of HTML, in addresses and in JSON.
        "".join(_ENTITIES.get(sign, sign) for sign in text).encode(),
        urllib.parse.quote(text).encode(),
        json.dumps(text)[1:-1].encode(),
        text.replace("'", "\u2019").encode(),
        value + b"s",
        value + b".",
        f"{text} {_LATIN}".encode(),
        value + b"\0",
        b"\xff" + value,
        b"NaN",
        b"0",
        b" ",
    ]
