"""`reference/questions.json`: questions whose answers are known, for the serving check to ask."""

from __future__ import annotations

import base64
import functools
from collections.abc import Mapping
from typing import Any, ClassVar

import pydantic

from documents.document import Document, Part


class Question(Part):
    """One input, and what the trained network answers in Python."""

    name: str
    """For people, e.g. `PNG, 16 bit`."""
    base64: str
    """A serialized tf.Example, or an image file."""
    probabilities: tuple[float, ...] | None = None
    """float32 values, one per label; None when the model's own function refuses the input."""
    feature: str | None = None
    """Of an image file in a row: its column."""
    example: int = pydantic.Field(0, ge=0)
    """Place of the reference example that has the other cells of that row."""
    also: dict[str, str | float | None] = pydantic.Field({})
    """Cells of that row that are others than the example's: bytes as base64, None where nothing
    is."""

    @functools.cached_property
    def content(self) -> bytes:
        """The input itself. Raises ValueError when it is no base64."""
        return base64.b64decode(self.base64, validate=True)

    @property
    def cells(self) -> dict[str, bytes | float | None]:
        """What `also` says. Raises ValueError when a text in it is no base64."""
        return {
            name: base64.b64decode(value, validate=True) if isinstance(value, str) else value
            for name, value in self.also.items()
        }

    @classmethod
    def of(
        cls,
        name: str,
        content: bytes,
        probabilities: tuple[float, ...] | None,
        feature: str | None = None,
        example: int = 0,
        cells: Mapping[str, bytes | float | None] | None = None,
    ) -> Question:
        """A question about `content`; in a row that has these cells besides."""
        text = _text(content)
        of_row: dict[str, Any] = {} if feature is None else {"feature": feature, "example": example}
        if cells:
            of_row["also"] = {
                name: _text(value) if isinstance(value, bytes) else value
                for name, value in cells.items()
            }
        return cls(name=name, base64=text, probabilities=probabilities, **of_row)


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode("ascii")


class Tagging(Part):
    """How the tags that are answered follow from their probabilities."""

    threshold: float
    """The least probability of those that are."""
    separator: str
    """Stands between them."""


class Questions(Document):
    """What no example of the data asks, and the names of the labels."""

    FILE: ClassVar[str] = "questions.json"
    MEND: ClassVar[str] = "train again to write it"

    labels: tuple[str, ...]
    """In the order of the probabilities."""
    tagging: Tagging | None = None
    """None where at most one label is answered."""
    examples: tuple[Question, ...] = ()
    """serialized tf.Examples at the edges of what is legal."""
    mixtures: tuple[Question, ...] = ()
    """serialized tf.Examples that were drawn by chance, other ones for each training."""
    refused: tuple[Question, ...] = ()
    """serialized tf.Examples that are legal, while a value in them is none; without answers."""
    files: tuple[Question, ...] = ()
    """Image files in each encoding."""
    fixed_size: bool = False
    """Whether the model refuses what is not one image of the size that it was trained on: another
    size, none, or two."""
