"""What is learned of a number, and how it is answered."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Literal

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from models.labels.number.kind import NumberLabel


class NumberHead(tf.Module):
    """Logits, float32 [N, 1], to a loss and to numbers."""

    kind: Literal["number"] = "number"
    output = "prediction"
    measure = "error"
    """Mean absolute error, as a part of the spread of the train split."""

    def __init__(self, label: NumberLabel):
        super().__init__(name="number_head")
        self.names = None
        self.width = 1
        self._mean = tf.Variable(0.0, trainable=False, name="mean")
        self._spread = tf.Variable(1.0, trainable=False, name="spread")

    def look_at(
        self, labels: Callable[[], Iterable[NDArray[np.float32]]], class_weights: object
    ) -> None:
        """Learns where numbers lie from all labels of the train split, in batches [n]."""
        values = np.concatenate([*labels()]).astype(np.float64)
        self._mean.assign(float(values.mean()))
        self._spread.assign(max(float(values.std()), 1e-12))

    def loss(self, logits: tf.Tensor, labels: tf.Tensor, smoothing: float) -> tf.Tensor:
        """Squared difference from labels, float32 [N], in spreads; float32 [N]."""
        return tf.square(self._away(logits, labels))

    def measured(self, logits: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
        """Absolute difference in spreads; float32 [N]."""
        return tf.abs(self._away(logits, labels))

    def predictions(self, logits: tf.Tensor) -> tf.Tensor:
        """Numbers, float32 [N]."""
        return logits[:, 0] * self._spread + self._mean

    def answer(self, predictions: tf.Tensor) -> dict[str, tf.Tensor]:
        """`prediction` alone, float32 [N]."""
        return {self.output: predictions}

    def top(self, predictions: tf.Tensor) -> dict[str, tf.Tensor]:
        """Nothing: a number has no runners-up."""
        return {}

    def evaluated(self, predictions: NDArray[np.float32], labels: NDArray[np.float32]) -> float:
        """The measure over all examples [N], in spreads."""
        return float(np.abs(predictions - labels).mean() / self._spread.numpy())

    def wrongness(
        self, predictions: NDArray[np.float32], labels: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """Absolute difference of each answer, [N], in the unit of the label."""
        away: NDArray[np.float32] = np.abs(predictions - labels)
        return away

    def told(self, prediction: np.float32, label: np.float32) -> tuple[str, str]:
        """Answer and label of one example, for people."""
        return f"{prediction:.6g}", f"{label:.6g}"

    def evaluation_loss(
        self, predictions: NDArray[np.float32], labels: NDArray[np.float32]
    ) -> float:
        """Mean squared difference over all examples [N], in spreads."""
        away = (predictions - labels).astype(np.float64) / float(self._spread.numpy())
        return float((away**2).mean())

    def _away(self, logits: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
        return logits[:, 0] - (labels - self._mean) / self._spread
