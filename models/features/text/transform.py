"""From a text to what is packed: its words, and those that stand together."""

from __future__ import annotations

import tensorflow as tf

from models.features.parts import Parts, one
from models.features.text.kind import Text

_SIGNS = r"[^\pL\pN']+"
"""RE2: whatever is neither a letter nor a digit of any writing, nor an apostrophe."""


def transform(text: Text, name: str, values: tf.Tensor | tf.SparseTensor) -> Parts:
    """Words in lower case, alone and up to `ngrams` of them in a row; for a module as it is."""
    if text.module:
        return Parts(strings={name: one(values, b"")})
    lower = tf.strings.lower(one(values, b""), encoding="utf-8")
    words = tf.strings.split(tf.strings.strip(tf.strings.regex_replace(lower, _SIGNS, " ")))
    found = words
    if text.ngrams > 1:
        found = tf.strings.ngrams(words, tuple(range(1, text.ngrams + 1)), separator=" ")
    return Parts(texts={name: found.to_sparse()})
