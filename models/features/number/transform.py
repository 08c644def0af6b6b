"""From a number to what is packed."""

from __future__ import annotations

import tensorflow as tf

from models.features.number.kind import Number
from models.features.parts import Parts, one


def transform(number: Number, name: str, values: tf.Tensor | tf.SparseTensor) -> Parts:
    """A number is one."""
    return Parts(numbers={name: one(values, float("nan"))})
