"""What is learned of classes, and how it is answered."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Literal

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from models.labels.classes.kind import Classes

TOP = 3
"""How many of the best labels come with an image."""


class ClassesHead:
    """Logits, float32 [N, classes], to a loss and to probabilities."""

    kind: Literal["classes"] = "classes"
    output = "probabilities"
    measure = "accuracy"

    def __init__(self, label: Classes):
        self.names = label.names
        self.width = len(label.names)
        self._weights: tf.Tensor | None = None

    def loss(self, logits: tf.Tensor, labels: tf.Tensor, smoothing: float) -> tf.Tensor:
        """Cross-entropy with labels, int64 [N], smoothed as Szegedy et al. 2015 do; float32 [N]."""
        smoothed = tf.one_hot(
            labels,
            self.width,
            on_value=1 - smoothing + smoothing / self.width,
            off_value=smoothing / self.width,
        )
        losses = tf.nn.softmax_cross_entropy_with_logits(smoothed, logits)
        return losses if self._weights is None else losses * tf.gather(self._weights, labels)

    def look_at(
        self,
        labels: Callable[[], Iterable[NDArray[np.int64]]],
        class_weights: Mapping[str, float] | str | None,
    ) -> None:
        """Learns what an example of each class counts for, of all labels where that is balanced.

        A class that is not there counts for nothing anyway.

        Args:
          labels: makes their batches anew, each int64 [n].
          class_weights: by name, 1 for a class without one; "balanced"; None for all alike.
        """
        if class_weights is None:
            return
        if isinstance(class_weights, str):
            counts = np.bincount(np.concatenate([*labels()]), minlength=self.width)
            weights = counts.sum() / (np.count_nonzero(counts) * np.maximum(counts, 1))
        else:
            weights = np.array([class_weights.get(name, 1.0) for name in self.names])
        self._weights = tf.constant(weights, tf.float32)

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
        """The measure over all examples: of probabilities [N, classes] and labels [N], 0 to 1."""
        return float((probabilities.argmax(axis=1) == labels).mean())

    def wrongness(
        self, probabilities: NDArray[np.float32], labels: NDArray[np.int64]
    ) -> NDArray[np.float32]:
        """How sure of a wrong class each answer is, [N]; 0 of a right one."""
        wrong = probabilities.argmax(axis=1) != labels
        return np.where(wrong, probabilities.max(axis=1), 0.0)

    def told(self, probabilities: NDArray[np.float32], label: np.int64) -> tuple[str, str]:
        """Answer and label of one example, for people; probabilities are [classes]."""
        best = int(probabilities.argmax())
        return f"{self.names[best]} {probabilities[best]:.2f}", self.names[int(label)]

    def evaluation_loss(
        self, probabilities: NDArray[np.float32], labels: NDArray[np.int64]
    ) -> float:
        """Mean cross-entropy of probabilities [N, classes], neither smoothed nor weighted."""
        right = np.take_along_axis(probabilities, labels[:, None], axis=1).astype(np.float64)
        return float(-np.log(np.maximum(right, 1e-30)).mean())

    def _named(self, indices: tf.Tensor) -> tf.Tensor:
        return tf.gather(tf.constant(self.names), indices)
