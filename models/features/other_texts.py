"""The same text as somebody else would write it, which is another one to whoever compares."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

_LATIN = "Straße"
"""A word that has another length in capitals."""


def other_texts(value: bytes) -> Sequence[bytes]:
    """In other case, with blanks, in another form of Unicode, in other bytes, twice."""
    text = value.decode("utf-8", "replace")
    return [
        text.upper().encode(),
        text.lower().encode(),
        text.title().encode(),
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
