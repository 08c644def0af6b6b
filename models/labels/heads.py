"""The registry of what is learned of each kind of label. With TensorFlow."""

from __future__ import annotations

from models.labels.classes.head import ClassesHead
from models.labels.classes.kind import Classes
from models.labels.kind import LabelKind

Head = ClassesHead


def head_of(label: LabelKind) -> Head:
    """The head for a label."""
    assert isinstance(label, Classes)
    return ClassesHead(label)
