"""Whether a column counts the rows, as exports of tables add one: nothing is to be learned of it.
Pure."""

from __future__ import annotations

from collections.abc import Iterable

from documents.cells.cell import Cell

_FEWEST = 20
"""Rows; a few numbers may stand in order by chance."""


class RowNumbers:
    """Cells that are 0 or 1 in the first row, and one more in each that follows."""

    def __init__(self) -> None:
        self._next: int | None = None
        self._counted = 0
        self._is_so = True

    def add(self, cells: Iterable[Cell]) -> None:
        """Looks at the cells of some rows more, in the order of the rows."""
        if not self._is_so:
            return
        for cell in cells:
            number = _whole(cell)
            expected = (0, 1) if self._next is None else (self._next,)
            if number not in expected:
                self._is_so = False
                return
            assert number is not None
            self._next = number + 1
            self._counted += 1

    @property
    def are_all(self) -> bool:
        """Whether every cell so far was one."""
        return self._is_so and self._counted > _FEWEST


def _whole(cell: Cell) -> int | None:
    if isinstance(cell, bool):
        return None
    if isinstance(cell, float):
        return int(cell) if cell.is_integer() else None
    if isinstance(cell, int):
        return cell
    text = cell.strip().removesuffix(".0") if isinstance(cell, str) else ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else None
