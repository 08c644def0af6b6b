"""From a category to what is packed."""

from __future__ import annotations

import tensorflow as tf

from models.features.category.kind import Category
from models.features.parts import Parts, bare, one

_FRACTION = r"^([+-]?[0-9]+)\.0+$"
"""RE2: a whole number with a fraction."""


def transform(category: Category, name: str, values: tf.Tensor | tf.SparseTensor) -> Parts:
    """A category is a word, string [N], whose blanks are taken away where all words are packed."""
    words = one(values, b"")
    if category.whole:
        # As cells are read: a client may send what its own table writes.
        words = tf.strings.regex_replace(bare(words), _FRACTION, r"\1")
    return Parts(words={name: words})
