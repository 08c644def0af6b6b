"""From packed numbers, words and texts to a vector, and straight to the answer."""

from __future__ import annotations

from collections.abc import Mapping

import tensorflow as tf
import tf_keras

from models.features.packing import NUMBERS, TEXTS, WORDS

DIMENSIONS = 16
"""Of the vector of a word."""


class TableEncoder(tf_keras.layers.Layer):
    """What the transform graph packed to a vector [N, width], and a wide answer [N, outputs].

    The wide part is linear in every bin and every word, as in Cheng et al. 2016
    (https://arxiv.org/abs/1606.07792); it begins with nothing.
    """

    def __init__(
        self, sizes: Mapping[str, int], outputs: int, *, seed: int, dimensions: int = DIMENSIONS
    ):
        """Draws weights by `seed`.

        Args:
          sizes: by NUMBERS the length of a row, by WORDS the columns, by `WORDS size` and
            `TEXTS size` how many places the vocabularies have.
          outputs: width of the label.
          dimensions: of the vector of a word.
        """
        super().__init__(name="table")
        self._numbers, self._words = sizes.get(NUMBERS, 0), sizes.get(WORDS, 0)
        self._has_texts = TEXTS in sizes
        self._dimensions = dimensions
        self.width = self._numbers + dimensions * (self._words + self._has_texts)
        drawn = tf_keras.initializers.RandomNormal(stddev=0.05, seed=seed)
        self._tables = {
            name: (
                self.add_weight(f"{name}vectors", [sizes[f"{name} size"], dimensions], None, drawn),
                self.add_weight(f"{name}wide", [sizes[f"{name} size"], outputs], None, "zeros"),
            )
            for name in (WORDS, TEXTS)
            if name in sizes
        }
        if self._numbers:
            self._linear = self.add_weight(
                f"{NUMBERS}wide", [self._numbers, outputs], None, "zeros"
            )

    @property
    def vectors(self) -> dict[str, tf.Variable]:
        """float32 [places, dimensions] of each vocabulary, by WORDS and TEXTS."""
        return {name: vectors for name, (vectors, _) in self._tables.items()}

    def call(self, inputs: Mapping[str, tf.Tensor]) -> tuple[tf.Tensor, tf.Tensor]:
        """The vector and the wide answer."""
        vectors, wide = [], []
        if self._numbers:
            vectors.append(inputs[NUMBERS])
            wide.append(tf.linalg.matmul(inputs[NUMBERS], self._linear))
        if self._words:
            table, straight = self._tables[WORDS]
            found = tf.gather(table, inputs[WORDS])
            vectors.append(tf.reshape(found, [-1, self._words * self._dimensions]))
            wide.append(tf.reduce_sum(tf.gather(straight, inputs[WORDS]), axis=1))
        if self._has_texts:
            for table, results in zip(self._tables[TEXTS], (vectors, wide), strict=True):
                results.append(
                    tf.nn.safe_embedding_lookup_sparse(table, inputs[TEXTS], combiner="sqrtn")
                )
        return tf.concat(vectors, axis=1), tf.add_n(wide)
