"""What kinds make of features, before analyzers are packed over all of them."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import tensorflow as tf

_BLANKS = r"[\t-\r\x1c-\x20\x{85}\pZ]+"
"""RE2: what Python's strip takes away, of any writing."""


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
    """The same, those that are sparse [N, 1] for `one`.

    The shape is made once: made for each of sixteen columns it was a fifth of the graph, which is
    optimized for each signature whenever a version is loaded, and run for each request.
    """
    sparse = [values for values in features.values() if isinstance(values, tf.SparseTensor)]
    shape = _column(sparse[0]) if sparse else None
    return {
        name: _shaped(values, shape) if isinstance(values, tf.SparseTensor) else values
        for name, values in features.items()
    }


def _column(values: tf.SparseTensor) -> tf.Tensor:
    return tf.stack([values.dense_shape[0], tf.constant(1, tf.int64)])


def _shaped(values: tf.SparseTensor, shape: tf.Tensor) -> tf.SparseTensor:
    return tf.SparseTensor(values.indices, values.values, shape)
