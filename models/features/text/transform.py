"""From a text to what is packed: its words, and those that stand together."""

from __future__ import annotations

import tensorflow as tf

from models.features.parts import Parts, bare, one
from models.features.text.kind import Text

_ALONE = r"([\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\p{So}])"
"""RE2: signs of languages that write no blanks between words, and emoji: each is a word."""
_SIGNS = r"[^\pL\pM\pN\p{So}']+|\x{FE0F}"
"""RE2: whatever is neither a letter with its marks nor a digit of any writing, nor an emoji, nor an
apostrophe; FE0F only says that the sign before it is to be coloured."""


def transform(text: Text, name: str, values: tf.Tensor | tf.SparseTensor) -> Parts:
    """Words in lower case, alone and up to `ngrams` of them in a row, sparse string [N, words].

    For a module the text itself, string [N].
    """
    if text.module:
        return Parts(strings={name: bare(one(values, b""))})
    lower = tf.strings.lower(one(values, b""), encoding="utf-8")
    apart = tf.strings.regex_replace(tf.strings.regex_replace(lower, _SIGNS, " "), _ALONE, r" \1 ")
    words = tf.strings.split(tf.strings.strip(apart))
    found = words
    if text.ngrams > 1:
        found = tf.strings.ngrams(words, tuple(range(1, text.ngrams + 1)), separator=" ")
    return Parts(texts={name: found.to_sparse()})
