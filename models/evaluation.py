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

    predictions: NDArray[np.float32]
    """Probabilities [N, classes], or numbers [N]."""
    labels: NDArray[Any]
    """int64 [N] of classes, float32 [N] of numbers."""

    @property
    def confusion(self) -> NDArray[np.int64]:
        """Counts [classes, classes] of the most probable by true label."""
        found = self.predictions.argmax(axis=1)
        return confusion.confusion_matrix(self.labels, found, self.predictions.shape[1])


def evaluate(
    predict: Callable[[Any], tf.Tensor],
    shards: Sequence[str],
    parse: inputs.Parse,
    limit: int = -1,
) -> Evaluation:
    """Predicts all examples of the shards, or the first `limit`.

    `predict` takes transformed features and gives predictions, float32 [N, ...].
    """
    batches = [
        (predict(features).numpy(), labels.numpy())
        for features, labels in inputs.evaluation_batches(shards, parse, limit=limit)
    ]
    if not batches:
        raise inputs.InputsError("The eval split is empty: raise data.eval_examples.")
    predictions, labels = zip(*batches, strict=True)
    return Evaluation(np.concatenate(predictions), np.concatenate(labels))
