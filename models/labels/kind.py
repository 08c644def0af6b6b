"""What every kind of label has: how a cell is read, and what a schema and a client know of it.

A kind is a folder, whose `kind.py` is its declaration and needs no TensorFlow.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import pydantic

from documents.features import Tensor
from documents.section import Section
from models.features.cells import Cell

if TYPE_CHECKING:
    from tensorflow_metadata.proto.v0 import schema_pb2

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
