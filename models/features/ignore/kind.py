"""Columns that are known and left out: ids, and what predicts the label by itself."""

from __future__ import annotations

from typing import ClassVar, Literal

from documents.cells.cell import Cell
from models.features.kind import FeatureKind


class Ignore(FeatureKind):
    """No example holds it, and no request needs it."""

    STORED: ClassVar[None] = None

    kind: Literal["ignore"]
    default: None = None

    def value(self, cell: Cell) -> None:
        """Whatever it is."""
        return None
