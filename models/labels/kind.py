"""What every kind of label has: how a cell is read, and what a schema and a client know of it.

A kind is a folder, whose `kind.py` is its declaration and needs no TensorFlow.
"""

from __future__ import annotations

from typing import Any, ClassVar

import pydantic

from documents.section import Section
from models.features.cells import Cell

Value = int | float | list[bytes]
"""What the example holds: the index of a class, a number, or tags."""


class LabelKind(Section):
    """What is predicted, as the settings declare it."""

    name: str = pydantic.Field(min_length=1, max_length=200)
    """Of the column, and of the feature in examples."""
    kind: str
    """The name of the kind."""

    STORED: ClassVar[str]
    """Type of the label in an example: INT, FLOAT or BYTES."""

    def value(self, cell: Cell) -> Value:
        """What the example holds for a cell.

        Raises:
          CellError: it holds no label, or one that was not declared.
        """
        raise NotImplementedError


def demand_texts(values: Any) -> Any:
    """Validates names before anything else does: YAML makes truths and numbers of bare words."""
    names = values.values() if isinstance(values, dict) else values
    if isinstance(names, (list, tuple)) or isinstance(values, dict):
        for name in names:
            if not isinstance(name, str):
                raise ValueError(f"{name!r} is no text; put each value in quotes")
    return values
