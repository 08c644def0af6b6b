"""What kinds make of features, before analyzers are packed over all of them."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import tensorflow as tf

_BLANKS = r"[\t-\r\x1c-\x20\x{85}\pZ]+"
"""RE2: what Python's strip takes away, of any writing."""
_MISSING = {tf.float32: float("nan"), tf.string: b""}
"""What stands for a missing value, by type."""


@dataclasses.dataclass(frozen=True)
class Parts:
    """Columns by name; one feature may make several."""

    numbers: dict[str, tf.Tensor] = dataclasses.field(default_factory=dict)
    """float32 [N], NaN where one is missing."""
    words: dict[str, tf.Tensor] = dataclasses.field(default_factory=dict)
    """string [N], empty where one is missing."""
    texts: dict[str, tf.SparseTensor] = dataclasses.field(default_factory=dict)
    """string [N, any]: the words of a text and what stands together."""
    strings: dict[str, tf.Tensor] = dataclasses.field(default_factory=dict)
    """string [N], empty where one is missing: texts for a module."""
    images: dict[str, tf.Tensor] = dataclasses.field(default_factory=dict)
    """float32 [N, height, width, channels] in [0, 1]."""

    def __or__(self, other: Parts) -> Parts:
        return Parts(
            self.numbers | other.numbers,
            self.words | other.words,
            self.texts | other.texts,
            self.strings | other.strings,
            self.images | other.images,
        )


def one(values: tf.Tensor | tf.SparseTensor, missing: float | bytes) -> tf.Tensor:
    """[N]: the one value of each example, or `missing`.

    The graph raises InvalidArgumentError where an example has several.
    """
    if not isinstance(values, tf.SparseTensor):
        return values
    column = values if values.shape[1:] == [1] else _shaped(values, _column(values))
    return tf.squeeze(tf.sparse.to_dense(column, missing), axis=1)


def bare(texts: tf.Tensor) -> tf.Tensor:
    """Texts of any shape without the blanks around them, as cells of a table are read: clients may
    send a column that a database fills up with blanks."""
    return tf.strings.regex_replace(texts, f"^{_BLANKS}|{_BLANKS}$", "")


def in_columns(features: Mapping[str, Any]) -> dict[str, Any]:
    """The same, numbers and texts that are sparse as `one` gives them, NaN or empty where missing.

    What is the same for all columns is made once: Transform traces each operation seven times, each
    signature optimizes it whenever a version is loaded, and each request runs it.
    """
    found = dict(features)
    sparse = {
        name: values for name, values in features.items() if isinstance(values, tf.SparseTensor)
    }
    shape = _column(next(iter(sparse.values()))) if sparse else None
    for dtype, missing in _MISSING.items():
        columns = {name: values for name, values in sparse.items() if values.dtype == dtype}
        if not columns:
            continue
        filling = tf.constant(missing, dtype)
        dense = [tf.sparse.to_dense(_shaped(values, shape), filling) for values in columns.values()]
        found.update(zip(columns, tf.unstack(tf.concat(dense, axis=1), axis=1), strict=True))
    return found


def _column(values: tf.SparseTensor) -> tf.Tensor:
    return tf.stack([values.dense_shape[0], tf.constant(1, tf.int64)])


def _shaped(values: tf.SparseTensor, shape: tf.Tensor) -> tf.SparseTensor:
    return tf.SparseTensor(values.indices, values.values, shape)
