"""The same text as somebody else would write it, which is another one to whoever compares."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

_LATIN = "Straße"
"""A word that has another length in capitals."""
_WIDE = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}
"""Signs of ASCII as wide as Chinese ones, which look alike."""
_MARK, _NO_WIDTH = "\ufeff", "\u200b"
"""Before the first cell of some files, and between letters that were copied from a page."""


def other_texts(value: bytes) -> Sequence[bytes]:
    """In other case, with blanks, in other forms of Unicode, in other bytes, twice."""
    text = value.decode("utf-8", "replace")
    return [
        text.upper().encode(),
        text.lower().encode(),
        text.title().encode(),
        text.title().swapcase().encode(),
        text.translate(_WIDE).encode(),
        f"{_MARK}{text}".encode(),
        f"{text[: len(text) // 2]}{_NO_WIDTH}{text[len(text) // 2 :]}".encode(),
        value + b" ",
        b" " + value,
        value + value,
        value[: len(value) // 2] or b"x",
        unicodedata.normalize("NFD", text).encode(),
        f"{text} {_LATIN}".encode(),
        value + b"\0",
        b"\xff" + value,
        b"NaN",
        b"0",
        b" ",
    ]
