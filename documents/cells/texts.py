"""From a cell to a category or a text."""

from __future__ import annotations

import re

from documents.cells.cell import Cell, CellError, shown, text_of
from documents.cells.nothing import says_nothing

_TRUE = frozenset({"true", "t", "yes", "y", "1"})
_FALSE = frozenset({"false", "f", "no", "n", "0"})
_FRACTION = re.compile(r"^([+-]?\d+)\.0+$", re.ASCII)


def category(cell: Cell) -> str | None:
    """The text without the blanks around it; only an empty cell is missing, since NA may be
    Namibia. Raises CellError for what is no text."""
    if cell is None or cell != cell:  # NaN, in a table with types
        return None
    return text_of(cell).strip() or None


def whole(cell: Cell) -> str | None:
    """As `category`, and `without_fraction`."""
    found = category(cell)
    return None if found is None else without_fraction(found)


def without_fraction(text: str) -> str:
    """A whole number without the fraction that a table writes behind all numbers of a column as
    soon as one of them is missing: `1.0` is `1`. Any other text stays as it is."""
    return _FRACTION.sub(r"\1", text)


def truth(cell: Cell) -> str | None:
    """`true` or `false`, whatever type and spelling a file has for it; words for nothing are
    missing. Raises CellError for what is neither."""
    found = category(cell)
    if found is None or says_nothing(found):
        return None
    word = found.lower().removesuffix(".0")
    if word not in _TRUE | _FALSE:
        raise CellError(f"holds {shown(cell)}, which is neither true nor false")
    return "true" if word in _TRUE else "false"


def text(cell: Cell) -> str | None:
    """As `category`, over several lines or not; a list is the text of its items."""
    if isinstance(cell, (list, tuple)):
        cell = " ".join(text_of(item, lines=True) for item in cell if item is not None)
    if cell is None or cell != cell:  # NaN, in a table with types
        return None
    return text_of(cell, lines=True).strip() or None
