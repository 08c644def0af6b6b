"""A number: what regression predicts."""

from __future__ import annotations

from typing import ClassVar, Literal

from documents.cells.cell import Cell, CellError
from documents.cells.notation import Notation
from documents.cells.numbers import number
from documents.features import Tensor
from models.labels.kind import LabelKind


class NumberLabel(Notation, LabelKind):
    """One finite float32 a row."""

    STORED: ClassVar[str] = "FLOAT"
    COMPARES: ClassVar[bool | None] = False

    kind: Literal["number"]

    @property
    def outputs(self) -> dict[str, Tensor]:
        """See LabelKind."""
        return {"prediction": Tensor(dtype="DT_FLOAT", shape=(-1,))}

    def value(self, cell: Cell) -> float:
        """See LabelKind."""
        # Nobody estimates a code, and float32 says of 10**18 what an estimate can.
        found = number(cell, self, exact=False)
        if found is None:
            raise CellError("holds no label")
        return found
