"""The registry of transforms: what training and evaluation take of each kind of label."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tensorflow as tf

from models.labels.kind import LabelKind
from models.labels.tags.transform import transform as tags

_TRANSFORMS: dict[str, Callable[[Any, Any], tf.Tensor]] = {"tags": tags}
"""Of all other kinds it is what examples hold."""


def transform(label: LabelKind, values: Any) -> tf.Tensor:
    """A label as examples hold it to [N] or [N, width]."""
    return _TRANSFORMS.get(label.kind, lambda _, found: tf.identity(found))(label, values)
