"""What every kind of label has: how a cell is read, and what a schema and a client know of it.

A kind is a folder, whose `kind.py` is its declaration and needs no TensorFlow.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import pydantic

from documents.cells.cell import Cell
from documents.features import Tensor
from documents.questions import Tagging
from documents.settings.section import Section, short_repr
from models.features.date.kind import Date
from models.features.kind import FeatureKind
from models.features.number.kind import Number
from models.labels.formula import Formula, FormulaError, parse

if TYPE_CHECKING:
    from tensorflow_metadata.proto.v0 import schema_pb2

_NUMBER = Number(kind="number")
Reader = Callable[[Cell], float | None]
"""Of a cell; None where nothing is in it. Raises CellError where that is no number."""
_Read = Annotated[Number | Date, pydantic.Field(discriminator="kind")]

Value = int | float | list[bytes]
"""What the example holds: the index of a class, a number, or tags."""


class LabelKind(Section):
    """What is predicted, as the settings declare it."""

    name: str = pydantic.Field(min_length=1, max_length=200)
    """Of the column, and of the feature in examples."""
    kind: str
    """The name of the kind."""
    formula: str | None = pydantic.Field(None, min_length=1)
    """How it is computed from columns of numbers and dates, where no column holds it."""
    written: dict[str, _Read] = pydantic.Field({})
    """How columns of the formula are written that are no features of kind number or date; a number
    as Python writes it where nothing is said."""

    STORED: ClassVar[str]
    """Type of the label in an example: INT, FLOAT or BYTES."""
    COMPARES: ClassVar[bool | None] = None
    """Whether a formula has to be a comparison; None where there can be none."""

    @pydantic.model_validator(mode="after")
    def _formula_can_be_read(self) -> LabelKind:
        if self.formula is None:
            if self.written:
                raise ValueError("written is for the columns of a formula, and there is none")
            return self
        if self.COMPARES is None:
            raise ValueError(f"formula cannot make labels of kind {self.kind}")
        try:
            formula = parse(self.formula)
        except FormulaError as error:
            raise ValueError(f"formula = {self.formula[:60]!r}: {error}") from error
        if formula.compares != self.COMPARES:
            what = "a comparison, as in: rating > 3" if self.COMPARES else "a number, no comparison"
            raise ValueError(f"formula = {self.formula[:60]!r} must be {what}")
        for name in self.written:
            if name not in formula.columns:
                raise ValueError(
                    f"written names {name[:40]!r}, which the formula does not; it names"
                    f" {', '.join(formula.columns)[:200]}"
                )
        return self

    @cached_property
    def computed(self) -> Formula | None:
        """The formula."""
        return parse(self.formula) if self.formula else None

    @property
    def columns(self) -> tuple[str, ...]:
        """What the label is read from."""
        return self.computed.columns if self.computed else (self.name,)

    def gathered(self, cells: Mapping[str, Cell]) -> Cell:
        """The cell of the label, where it is read from several `columns` without a formula.

        Raises:
          CellError: one holds something else.
        """
        raise NotImplementedError

    def reader(self, column: str, features: Mapping[str, FeatureKind]) -> Reader:
        """How the cells of one of `columns` become numbers; a date is seconds since 1970.

        Args:
          features: that are declared; numbers and dates among them say how they are written.
        """
        kind = self.written.get(column) or features.get(column)
        if isinstance(kind, Date):
            return kind.seconds
        return kind.value if isinstance(kind, Number) else _NUMBER.value

    def schema_feature(self) -> schema_pb2.Feature:
        """What TensorFlow Data Validation demands of the label: here one value in every example."""
        from tensorflow_metadata.proto.v0 import schema_pb2

        feature = schema_pb2.Feature(name=self.name, type=schema_pb2.FeatureType.Value(self.STORED))
        feature.presence.min_fraction, feature.presence.min_count = 1.0, 1
        feature.shape.SetInParent()
        return feature

    @property
    def names(self) -> tuple[str, ...] | None:
        """Classes or tags in the order of the outputs; None for a number."""
        return None

    @property
    def outputs(self) -> dict[str, Tensor]:
        """What `serving_default` answers, by name."""
        raise NotImplementedError

    @property
    def answer(self) -> dict[str, Tensor]:
        """What the signatures for people answer, by name: the same, and what follows from it."""
        return self.outputs

    @property
    def tagging(self) -> Tagging | None:
        """How several names are answered at once; None where that is not so."""
        return None

    def value(self, cell: Cell) -> Value:
        """What the example holds for a cell.

        Raises:
          CellError: it holds no label, or one that was not declared.
        """
        raise NotImplementedError


def demand_texts(values: Any) -> Any:
    """Validates names before anything else does: YAML makes truths and numbers of bare words.

    Raises:
      ValueError: a name is no text.
    """
    names = values.values() if isinstance(values, dict) else values
    if isinstance(names, (list, tuple)) or isinstance(values, dict):
        for name in names:
            if not isinstance(name, str):
                raise ValueError(f"{short_repr(name)} is no text; put each value in quotes")
    return values
