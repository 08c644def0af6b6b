"""A number: what regression predicts."""

from __future__ import annotations

from typing import ClassVar, Literal

from documents.features import Tensor
from models.features.cells import Cell, CellError
from models.features.number.kind import Number
from models.labels.kind import LabelKind

_READER = Number(kind="number")


class NumberLabel(LabelKind):
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
        number = _READER.value(cell)
        if number is None:
            raise CellError("holds no label")
        return number
