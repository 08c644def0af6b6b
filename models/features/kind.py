"""What every kind of feature has: how a cell is read, and what a schema and a client know of it.

A kind is a folder: `kind.py` is its declaration, which needs no TensorFlow, because settings are
read before that is loaded.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from documents.cells.cell import Cell
from documents.features import Input, Seen
from documents.settings.section import Section

if TYPE_CHECKING:
    import numpy as np
    from tensorflow_metadata.proto.v0 import schema_pb2

Value = float | bytes
"""What the example holds: one float32, or one text or image as bytes."""


class FeatureKind(Section):
    """A feature as the settings declare it."""

    kind: str
    """The name of the kind."""
    default: str | float | None = None
    """What a request may leave out; None where it may not."""

    STORED: ClassVar[str | None]
    """Type of the feature in an example: FLOAT, BYTES, or None where it is left out."""
    LEARNED: ClassVar[frozenset[str]] = frozenset()
    """Options of what is learned of the feature, of which no example knows."""
    READS_FILES: ClassVar[bool] = False
    """Whether a cell is the content of a file, so that text in a table is the path of one."""

    def value(self, cell: Cell) -> Value | None:
        """What the example holds for a cell; None when it is missing.

        Raises:
          CellError: the cell holds something else.
        """
        raise NotImplementedError

    def schema_feature(self, name: str) -> schema_pb2.Feature:
        """What TensorFlow Data Validation demands of the feature: here that it is there at all."""
        from tensorflow_metadata.proto.v0 import schema_pb2

        feature = schema_pb2.Feature(name=name, type=schema_pb2.FeatureType.Value(self.STORED))
        feature.presence.min_count = 1
        feature.value_count.max = 1
        return feature

    def served(self, name: str, *, alone: bool) -> Input:
        """How `serving_default` takes the feature.

        Args:
          alone: whether there is no other.
        """
        raise NotImplementedError

    def edges(self) -> Mapping[str, Value]:
        """Values at the edges of what is legal, by what is said of them, such as `= 0`.

        The serving check asks about each, and the answers must be those of the trained network.
        """
        return {}

    def variants(self, value: Any) -> Sequence[Value]:
        """Legal values that are like one of the data, and yet others: the same as somebody else
        would write it, far away, of another sign.

        The serving check asks about them in rows that are mixed by chance.
        """
        return ()

    def drawn(self, value: Any, random: np.random.Generator) -> Value | None:
        """A legal value like one of the data, by chance, so that no two trainings have the same
        asked; None where `variants` are all there are."""
        return None

    def order(self, value: Any) -> Any:
        """What values are sorted by, so that those which are next to one another are alike."""
        return value

    def illegal(self) -> Mapping[str, Value]:
        """Values that the model has to refuse, by what is said of them."""
        return {}

    def seen(self, values: Sequence[Any]) -> Seen | None:
        """What people should know of values that examples hold, none of them missing."""
        return None
