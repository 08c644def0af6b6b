"""From the tags of a row to a one or a zero for each."""

from __future__ import annotations

import tensorflow as tf

from models.labels.tags.kind import Tags


def transform(label: Tags, values: tf.SparseTensor) -> tf.Tensor:
    """Texts, sparse [N, any], to float32 [N, tags]: 1 where a row has the tag."""
    same = tf.equal(values.values[:, tf.newaxis], tf.constant(label.names))
    rows = tf.cast(values.dense_shape[0], tf.int32)
    counts = tf.math.unsorted_segment_sum(tf.cast(same, tf.float32), values.indices[:, 0], rows)
    return tf.ensure_shape(tf.minimum(counts, 1.0), [None, len(label.names)])
