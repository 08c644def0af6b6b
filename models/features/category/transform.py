"""From a category to what is packed."""

from __future__ import annotations

import tensorflow as tf

from models.features.category.kind import Category
from models.features.parts import Parts, one


def transform(category: Category, name: str, values: tf.Tensor | tf.SparseTensor) -> Parts:
    """A category is a word, string [N], whose blanks are taken away where all words are packed."""
    return Parts(words={name: one(values, b"")})
