"""The registry of what is learned of each kind of label. With TensorFlow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from models.labels.classes.head import ClassesHead
from models.labels.kind import LabelKind
from models.labels.number.head import NumberHead
from models.labels.tags.head import TagsHead

Head = ClassesHead | NumberHead | TagsHead

_HEADS: dict[str, Callable[[Any], Head]] = {
    "classes": ClassesHead,
    "number": NumberHead,
    "tags": TagsHead,
}


def head_of(label: LabelKind) -> Head:
    """The head for a label."""
    return _HEADS[label.kind](label)
