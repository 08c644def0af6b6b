"""Analyzers of TensorFlow Transform over all features at once.

Each analyzer is a stage of Beam: with one for each of fourteen columns, analyzing 15,000 rows takes
two and a half times as long as with one for all numbers and one for all words.
"""

from __future__ import annotations

from collections.abc import Mapping

import tensorflow as tf
import tensorflow_transform as tft

from models.declaration import RESERVED
from models.features.parts import bare

NUMBERS, WORDS, TEXTS = RESERVED

BINS = 32
"""Quantiles in which a number is placed."""
_ERROR = 0.005
_FAR = 5.0
"""Spreads from the middle beyond which numbers are not told apart."""
WORDS_FILE, TEXTS_FILE = "words", "texts"
"""Vocabularies."""
LEAST = 3
"""How often a word has to stand in the train split to be one of its own."""


def pack_numbers(columns: Mapping[str, tf.Tensor]) -> tf.Tensor:
    """Columns float32 [N] to float32 [N, columns * BINS]: finite, whatever they hold.

    A number is placed in the quantiles of the train split: each bin holds how much of it lies below
    the number, from 0 to 1 (Gorishniy et al. 2022, https://arxiv.org/abs/2203.05556). Beside that
    stand how far it is from the middle, and whether it is missing.
    """
    values = tf.stack(list(columns.values()), axis=1)
    edges = tft.quantiles(values, BINS, epsilon=_ERROR, reduce_instance_dims=False)
    edges = tf.where(tf.math.is_finite(edges), edges, tf.zeros_like(edges))
    low, high = edges[:, :-1], edges[:, 1:]
    quarters = tf.gather(edges, [BINS // 4 - 1, BINS // 2 - 1, (3 * BINS) // 4 - 1], axis=1)
    first, middle, third = tf.split(quarters, 3, axis=1)  # [columns, 1] each
    values = tf.expand_dims(values, 2)
    missing = tf.math.is_nan(values)
    known = tf.where(missing, middle, values)
    width = tf.maximum(high - low, _least_width(high))
    placed = tf.clip_by_value((known - low) / width, 0.0, 1.0)
    away = (known - middle) / tf.maximum(third - first, _least_width(middle))
    away = tf.clip_by_value(away, -_FAR, _FAR)
    absent = tf.cast(missing, tf.float32)
    placed *= 1.0 - absent
    parts = tf.concat([placed, away, absent], axis=2)
    return tf.reshape(parts, [-1, len(columns) * BINS])


def _least_width(edge: tf.Tensor) -> tf.Tensor:
    """So that equal edges divide nothing by zero, at any magnitude."""
    return tf.maximum(tf.abs(edge) * 1e-6, 1e-12)


def pack_words(columns: Mapping[str, tf.Tensor], most: int) -> tf.Tensor:
    """Columns string [N] to int64 [N, columns]: places in one vocabulary of `column=value`.

    Args:
      most: words that are told apart, all columns together.
    """
    names = tf.constant([[f"{name}="] for name in columns])
    # An operation for all of them: each counts whenever a version is loaded or asked.
    named = names + bare(tf.stack(list(columns.values())))
    places = tft.compute_and_apply_vocabulary(
        tf.reshape(named, [-1]),
        top_k=most,
        frequency_threshold=LEAST,
        num_oov_buckets=1,
        vocab_filename=WORDS_FILE,
    )
    return tf.transpose(tf.reshape(places, [len(columns), -1]))


def pack_texts(columns: Mapping[str, tf.SparseTensor], most: int) -> tf.SparseTensor:
    """Columns string [N, any] to int64 [N, any]: places in one vocabulary of `column=word`."""
    named = [
        tf.SparseTensor(
            tokens.indices, tf.strings.join([f"{name}=", tokens.values]), tokens.dense_shape
        )
        for name, tokens in columns.items()
    ]
    return tft.compute_and_apply_vocabulary(
        named[0] if len(named) == 1 else tf.sparse.concat(1, named, expand_nonconcat_dims=True),
        top_k=most,
        frequency_threshold=LEAST,
        num_oov_buckets=1,
        vocab_filename=TEXTS_FILE,
    )
