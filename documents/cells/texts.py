"""From a cell to a category or a text."""

from __future__ import annotations

from documents.cells.cell import Cell, text_of


def category(cell: Cell) -> str | None:
    """The text without the blanks around it; only an empty cell is missing, since NA may be
    Namibia. Raises CellError for what is no text."""
    if cell is None or cell != cell:  # NaN, in a table with types
        return None
    return text_of(cell).strip() or None


def text(cell: Cell) -> str | None:
    """As `category`, over several lines or not; a list is the text of its items."""
    if isinstance(cell, (list, tuple)):
        cell = " ".join(text_of(item, lines=True) for item in cell if item is not None)
    if cell is None or cell != cell:  # NaN, in a table with types
        return None
    return text_of(cell, lines=True).strip() or None
