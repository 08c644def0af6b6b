"""`mistakes.json`: what a model answered worst of the examples that it was evaluated on."""

from __future__ import annotations

from typing import ClassVar, Literal

from documents.document import Count, Document, Part, Text


class Mistake(Part):
    """One example that was answered wrong, or far off."""

    place: Count
    """The number of its row in the split, from 0."""
    answer: Text
    """What the model says; cut where it is long."""
    label: Text
    """What is right."""
    wrongness: float | None
    """Probability of a wrong class, distance of a number, sum of the distances of wrong tags; None
    where the answer is no number."""
    label_score: float | None = None
    """The probability that the model gives to the right class."""


class Mistakes(Document):
    """Lies beside the SavedModel in the folder of a Model artifact.

    The run_fn writes it from the evaluation that ends a training.
    """

    FILE: ClassVar[str] = "mistakes.json"
    MEND: ClassVar[str] = "run again with --no-cache to train anew"

    split: Text
    examples: Count
    """How many were looked at, the first ones of the split."""
    wrong: Count
    """How many of those were not answered right; of numbers, all that are not exactly it."""
    kind: Literal["classes", "number", "tags"]
    """Of the label."""
    worst: tuple[Mistake, ...] = ()
    """The worst one first, and of each class some."""
