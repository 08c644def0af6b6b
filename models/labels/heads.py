"""The registry of what is learned of each kind of label. With TensorFlow."""

from __future__ import annotations

from models.labels.classes.head import ClassesHead
from models.labels.classes.kind import Classes
from models.labels.kind import LabelKind
from models.labels.number.head import NumberHead
from models.labels.number.kind import NumberLabel

Head = ClassesHead | NumberHead


class HeadError(ValueError):
    """Nothing learns labels of this kind yet."""


def head_of(label: LabelKind) -> Head:
    """The head for a label. Raises HeadError for tags, which can be declared but not learned."""
    if isinstance(label, Classes):
        return ClassesHead(label)
    if isinstance(label, NumberLabel):
        return NumberHead(label)
    raise HeadError(f"label.kind = {label.kind!r} cannot be trained on yet; choose classes.")
