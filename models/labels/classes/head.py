"""What is learned of classes, and how it is answered."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from models.labels.classes.kind import Classes

TOP = 3
"""How many of the best labels come with an image."""


class ClassesHead:
    """Logits, float32 [N, classes], to a loss and to probabilities."""

    output = "probabilities"
    measure = "accuracy"

    def __init__(self, label: Classes):
        self.names = label.names
        self.width = len(label.names)

    def loss(self, logits: tf.Tensor, labels: tf.Tensor, smoothing: float) -> tf.Tensor:
        """Cross-entropy with labels, int64 [N], smoothed as Szegedy et al. 2015 do; float32 [N]."""
        smoothed = tf.one_hot(
            labels,
            self.width,
            on_value=1 - smoothing + smoothing / self.width,
            off_value=smoothing / self.width,
        )
        return tf.nn.softmax_cross_entropy_with_logits(smoothed, logits)

    def look_at(self, labels: Callable[[], Iterable[NDArray[np.int64]]]) -> None:
        """There is nothing to learn from them before the training."""

    def measured(self, logits: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
        """1 where the best class is the right one; float32 [N]."""
        return tf.cast(tf.equal(tf.argmax(logits, axis=1), labels), tf.float32)

    def predictions(self, logits: tf.Tensor) -> tf.Tensor:
        """Probabilities, float32 [N, classes]."""
        return tf.nn.softmax(logits)

    def answer(self, probabilities: tf.Tensor) -> dict[str, tf.Tensor]:
        """`label` string [N], its `score` float32 [N], and `probabilities`."""
        return {
            "label": self._named(tf.argmax(probabilities, axis=1)),
            "score": tf.reduce_max(probabilities, axis=1),
            "probabilities": probabilities,
        }

    def top(self, probabilities: tf.Tensor) -> dict[str, tf.Tensor]:
        """`top_labels` string and `top_scores` float32, [N, 3], or of all classes if fewer."""
        best = tf.math.top_k(probabilities, min(TOP, self.width))
        return {"top_labels": self._named(best.indices), "top_scores": best.values}

    def evaluated(self, probabilities: NDArray[np.float32], labels: NDArray[np.int64]) -> float:
        """The measure over all examples."""
        return float((probabilities.argmax(axis=1) == labels).mean())

    def _named(self, indices: tf.Tensor) -> tf.Tensor:
        return tf.gather(tf.constant(self.names), indices)
