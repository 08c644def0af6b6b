"""What the network in memory says of the evaluation examples."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from models import confusion, inputs


@dataclass(frozen=True)
class Evaluation:
    """Predictions for examples, in the order of their shards."""

    probabilities: NDArray[np.float32]
    """[N, classes]."""
    labels: NDArray[np.int64]
    """[N]."""

    @property
    def confusion(self) -> NDArray[np.int64]:
        """Counts [classes, classes] of predictions by true label."""
        predictions = self.probabilities.argmax(axis=1)
        return confusion.confusion_matrix(self.labels, predictions, self.probabilities.shape[1])

    @property
    def accuracy(self) -> float:
        return confusion.accuracy(self.confusion)


def evaluate(
    predict: Callable[[Any], tf.Tensor],
    shards: Sequence[str],
    parse: inputs.Parse,
    limit: int = -1,
) -> Evaluation:
    """Predicts all examples of the shards, or the first `limit`.

    `predict` takes transformed features and gives probabilities, float32 [N, classes].
    """
    batches = [
        (predict(features).numpy(), labels.numpy())
        for features, labels in inputs.evaluation_batches(shards, parse, limit=limit)
    ]
    if not batches:
        raise inputs.InputsError("The eval split is empty: raise data.eval_examples.")
    probabilities, labels = zip(*batches, strict=True)
    return Evaluation(np.concatenate(probabilities), np.concatenate(labels))
