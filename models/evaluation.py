"""What the network in memory says of the evaluation examples."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from models import confusion, features, inputs


@dataclass(frozen=True)
class Evaluation:
    """Predictions for examples, in the order of their shards."""

    probabilities: NDArray[np.float32]
    """[N, 10]."""
    labels: NDArray[np.int64]
    """[N]."""

    @property
    def confusion(self) -> NDArray[np.int64]:
        """Counts [10, 10] of predictions by true label."""
        predictions = self.probabilities.argmax(axis=1)
        return confusion.confusion_matrix(self.labels, predictions, len(features.LABELS))

    @property
    def accuracy(self) -> float:
        return confusion.accuracy(self.confusion)


def evaluate(
    predict: Callable[[tf.Tensor], tf.Tensor],
    shards: Sequence[str],
    parse: inputs.Parse,
    limit: int = -1,
) -> Evaluation:
    """Predicts all examples of the shards, or the first `limit`.

    `predict` takes float32 [N, 28, 28, 1] and gives probabilities, float32 [N, 10].
    """
    batches = [
        (predict(images).numpy(), labels.numpy())
        for images, labels in inputs.evaluation_batches(shards, parse, limit=limit)
    ]
    if not batches:
        raise inputs.InputsError("The eval split is empty: raise data.eval_examples.")
    probabilities, labels = zip(*batches, strict=True)
    return Evaluation(np.concatenate(probabilities), np.concatenate(labels))
