"""From a number to what is packed."""

from __future__ import annotations

import tensorflow as tf

from models.features.number.kind import Number
from models.features.parts import Parts, one


def transform(number: Number, name: str, values: tf.Tensor | tf.SparseTensor) -> Parts:
    """A number is one, float32 [N], NaN where it is missing.

    A client may send what the table wrote where it was.
    """
    nan = float("nan")
    found = one(values, nan)
    for sentinel in sorted(number.missing_numbers):
        found = tf.where(tf.equal(found, sentinel), nan, found)
    return Parts(numbers={name: found})
