"""Values of a row as people can look at them: texts, and pictures within a bound."""

from __future__ import annotations

import base64
import dataclasses
import math
import struct
import zlib
from collections.abc import Sequence

from documents.features import Features
from documents.shown import cut
from documents.terminal.counted import counted

LARGEST_PICTURE = 256 << 10
LARGEST_PAGE = 4 << 20
"""Bytes of all pictures together."""
MOST_SHOWN = 200
"""Characters of a value."""
_PICTURES = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF8": "image/gif",
}

Values = Sequence[bytes | float | int]


@dataclasses.dataclass(frozen=True)
class Cell:
    """A value for people: a text, or a picture as a data: address."""

    text: str
    picture: str | None = None


class Budget:
    """Bytes that are left for pictures."""

    def __init__(self, left: int = LARGEST_PAGE) -> None:
        """Takes how many."""
        self._left = left

    def take(self, count: int) -> bool:
        """Whether a picture of so many may be shown; then they are gone."""
        if count > min(self._left, LARGEST_PICTURE):
            return False
        self._left -= count
        return True


def class_of(value: object, name: str, document: Features | None) -> str | None:
    """The name of a class by its number in the column of the label; None of anything else."""
    label = document.label if document else None
    if label and label.name == name and label.values and isinstance(value, int):
        return label.values[value] if 0 <= value < len(label.values) else None
    return None


def cell_of(values: Values | None, name: str, document: Features | None, budget: Budget) -> Cell:
    """The values of a column in one row as people see them; a picture only within the budget."""
    if not values:
        return Cell("")
    first = values[0]
    if isinstance(first, bytes) and len(values) == 1:
        content, kind = first, _kind(first)
        if kind is None:
            content, kind = _raw(first, name, document), "image/png"
        if content and budget.take(len(content)):
            address = f"data:{kind};base64,{base64.b64encode(content).decode()}"
            return Cell(f"{name}, {counted(len(first), 'byte')}", address)
    of_class = class_of(first, name, document)
    return Cell(f"{of_class} ({first!r})" if of_class else text_of(values))


def _kind(content: bytes) -> str | None:
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for start, kind in _PICTURES.items() if content.startswith(start)), None)


def _raw(content: bytes, name: str, document: Features | None) -> bytes:
    """Grey or coloured pixels as a PNG file; empty for anything else."""
    features = document.features if document else ()
    feature = next((each for each in features if each.name == name), None)
    if feature is None or feature.kind != "image":
        return b""
    channels = feature.options.get("channels", 1)
    size = feature.options.get("size")
    if not (isinstance(size, (list, tuple)) and len(size) == 2):
        side = math.isqrt(len(content) // max(1, channels))
        size = (side, side)
    height, width = size
    if channels not in (1, 3) or height * width * channels != len(content) or not content:
        return b""
    line = width * channels
    lines = b"".join(b"\0" + content[at : at + line] for at in range(0, len(content), line))
    header = struct.pack(">IIBBBBB", width, height, 8, 2 if channels == 3 else 0, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(lines)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in parts
    )


def text_of(values: Values) -> str:
    """Values as a text that is cut where it gets long."""
    parts = []
    for each in values[:MOST_SHOWN]:
        if isinstance(each, bytes):
            try:
                parts.append(each[: 4 * MOST_SHOWN].decode())
            except UnicodeDecodeError:
                parts.append(counted(len(each), "byte"))
        else:
            parts.append(f"{each:g}" if isinstance(each, float) else str(each))
    return cut(", ".join(parts), MOST_SHOWN)
