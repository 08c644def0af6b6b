"""What is learned of tags, and how they are answered."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Literal

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from models.labels.tags.kind import Tags


class TagsHead:
    """Logits, float32 [N, tags], to a loss and to a probability of each tag by itself."""

    kind: Literal["tags"] = "tags"
    output = "probabilities"
    measure = "tag_accuracy"
    """Share of right decisions, a tag of an example being one."""

    def __init__(self, label: Tags):
        self.names = label.names
        self.width = len(label.names)
        self._separator, self._threshold = label.separator, label.threshold

    def look_at(
        self, labels: Callable[[], Iterable[NDArray[np.float32]]], class_weights: object
    ) -> None:
        """There is nothing to learn from them before the training."""

    def loss(self, logits: tf.Tensor, labels: tf.Tensor, smoothing: float) -> tf.Tensor:
        """Binary cross-entropy with labels, float32 [N, tags], the mean of the tags; [N]."""
        smoothed = labels * (1 - smoothing) + smoothing / 2
        losses = tf.nn.sigmoid_cross_entropy_with_logits(smoothed, logits)
        return tf.reduce_mean(losses, axis=1)

    def measured(self, logits: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
        """The share of right decisions; float32 [N]."""
        same = tf.equal(self._likely(self.predictions(logits)), labels > 0.5)
        return tf.reduce_mean(tf.cast(same, tf.float32), axis=1)

    def predictions(self, logits: tf.Tensor) -> tf.Tensor:
        """Probabilities, float32 [N, tags]."""
        return tf.sigmoid(logits)

    def answer(self, probabilities: tf.Tensor) -> dict[str, tf.Tensor]:
        """`tags` string [N], the likely ones of each row, and `probabilities`."""
        likely = self._likely(probabilities)
        places = tf.ragged.boolean_mask(
            tf.broadcast_to(tf.range(self.width), tf.shape(probabilities)), likely
        )
        named = tf.gather(tf.constant(self.names), places)
        joined = tf.strings.reduce_join(named, axis=1, separator=self._separator)
        return {"tags": joined, "probabilities": probabilities}

    def top(self, probabilities: tf.Tensor) -> dict[str, tf.Tensor]:
        """Nothing more: all tags are answered."""
        return {}

    def evaluated(self, probabilities: NDArray[np.float32], labels: NDArray[np.float32]) -> float:
        """The measure over all examples: of probabilities and labels [N, tags], 0 to 1."""
        return float(((probabilities >= self._threshold) == (labels > 0.5)).mean())

    def wrongness(
        self, probabilities: NDArray[np.float32], labels: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """How far wrong decisions of each example are from the right ones, summed up, [N]."""
        wrong = (probabilities >= self._threshold) != (labels > 0.5)
        away: NDArray[np.float32] = np.where(wrong, np.abs(probabilities - labels), 0.0).sum(axis=1)
        return away

    def told(
        self, probabilities: NDArray[np.float32], labels: NDArray[np.float32]
    ) -> tuple[str, str]:
        """Answer and label of one example, [tags] both, for people."""
        return self._written(probabilities >= self._threshold), self._written(labels > 0.5)

    def _written(self, there: NDArray[np.bool_]) -> str:
        return self._separator.join(
            name for name, is_there in zip(self.names, there, strict=True) if is_there
        )

    def evaluation_loss(
        self, probabilities: NDArray[np.float32], labels: NDArray[np.float32]
    ) -> float:
        """Mean binary cross-entropy of probabilities and labels [N, tags], not smoothed."""
        right = np.where(labels > 0.5, probabilities, 1 - probabilities).astype(np.float64)
        return float(-np.log(np.maximum(right, 1e-30)).mean())

    def _likely(self, probabilities: tf.Tensor) -> tf.Tensor:
        return probabilities >= self._threshold
