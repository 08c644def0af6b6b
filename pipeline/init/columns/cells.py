"""Cells as `init` counts them: texts, or nothing. Pure."""

from __future__ import annotations

import re

from documents.cells.cell import NOTHING, Cell, CellError, text_of

_WITHOUT_BLANKS = re.compile("[\u0e00-\u0eff\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
"""Signs of Thai, Lao, Khmer, Japanese and Chinese."""
_CLASSES = frozenset({"none", "-", "--", "\u2013", "\u2014"})
"""What in a column of classes is one of them more often than it is nothing: the opposite of `+`,
or no illness."""


def plain(cell: Cell) -> str | None:
    """The text of a cell; None where it is missing."""
    text = _text(cell)
    return None if text is None or text.lower() in NOTHING else text


def spelled(cell: Cell) -> str | None:
    """The word for nothing that a text holds, such as `NA`; None where it holds none."""
    text = cell.strip() if isinstance(cell, str) else ""
    return text if text and text.lower() in NOTHING else None


def is_class(word: str) -> bool:
    """Whether a word for nothing is likely to be the name of a class where classes are."""
    return word.lower() in _CLASSES


def words(cell: str) -> int:
    """How many words a cell has; languages without blanks have one in about two signs."""
    return len(cell.split()) + len(_WITHOUT_BLANKS.findall(cell)) // 2


def _text(cell: Cell) -> str | None:
    if isinstance(cell, str):
        return cell.strip()
    if cell is None or cell != cell:
        return None
    if isinstance(cell, (list, tuple)):
        cell = " ".join(str(item) for item in cell if item is not None)
    try:
        return text_of(cell, lines=True).strip()
    except CellError:
        return str(cell).strip()
