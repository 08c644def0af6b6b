"""Rows that are equal, and say the same of the label or not. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence

from components.example_gen.formats.format import Batch
from documents.cells.cell import Cell

_MOST = 2_000_000
"""Different rows that are remembered."""


class EqualRows:
    """Counts rows that are equal to an earlier one but for the label."""

    def __init__(self, names: Sequence[str], label: str):
        self._names, self._label = names, label
        self._seen: dict[int, int] = {}
        self.duplicates = 0
        self.contradictions = 0
        """Of these, rows with another label."""

    def add(self, batch: Batch, of_paths: Collection[str] = ()) -> None:
        """Looks at some rows more.

        Args:
          of_paths: columns of paths, each of which is one from the folder of its table on.
        """
        folder = batch.path.rpartition("/")[0]
        columns = (
            [f"{folder}/{cell}" for cell in batch.cells[name]]
            if name in of_paths
            else _alike(batch.cells[name])
            for name in self._names
        )
        # Texts know their hash already, and one of 64 bits is enough to tell millions of rows
        # apart.
        rows = map(hash, zip(*columns, strict=True))
        for key, said in zip(rows, map(hash, _alike(batch.cells[self._label])), strict=True):
            if key in self._seen:
                self.duplicates += 1
                self.contradictions += self._seen[key] != said
            elif len(self._seen) < _MOST:
                self._seen[key] = said


def _alike(cells: Sequence[Cell]) -> Sequence[str]:
    """Texts that are equal where cells are; hashes of numbers may be equal where these are not."""
    if {*map(type, cells)} <= {str}:
        return cells
    return [cell if isinstance(cell, str) else f"\0{_short(cell)!r}" for cell in cells]


def _short(cell: Cell) -> Cell:
    """An image as its digest."""
    return hashlib.blake2b(cell, digest_size=16).digest() if isinstance(cell, bytes) else cell
