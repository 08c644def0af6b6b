"""A number: what regression predicts."""

from __future__ import annotations

from functools import cached_property
from typing import ClassVar, Literal

from documents.features import Tensor
from models.features.cells import Cell, CellError
from models.features.number.kind import Number
from models.features.number.notation import Notation
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

    @cached_property
    def _reader(self) -> Number:
        return Number(kind="number", decimal=self.decimal, thousands=self.thousands, unit=self.unit)

    def value(self, cell: Cell) -> float:
        """See LabelKind."""
        number = self._reader.value(cell)
        if number is None:
            raise CellError("holds no label")
        return number
