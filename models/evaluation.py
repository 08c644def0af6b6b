"""What the network in memory says of the evaluation examples."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from models import confusion
from models.training import inputs


@dataclass(frozen=True)
class Evaluation:
    """Predictions for examples, in the order of their shards."""

    predictions: NDArray[np.float32]
    """Probabilities [N, classes] or [N, tags], or numbers [N]."""
    labels: NDArray[Any]
    """int64 [N] of classes, float32 [N] of numbers, float32 [N, tags] of ones and zeros."""

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
    """Predicts all examples of the shards, or the first `limit`; else as `evaluate_batches`.

    Raises:
      InputsError: there are no examples.
    """
    return evaluate_batches(predict, inputs.evaluation_batches(shards, parse, limit=limit))


def evaluate_batches(
    predict: Callable[[Any], tf.Tensor], batches: Iterable[tuple[Any, tf.Tensor]]
) -> Evaluation:
    """Predicts the examples of batches, which are made once to be evaluated often.

    `predict` takes transformed features and gives predictions, float32 [N, ...].

    Raises:
      InputsError: there are no batches.
    """
    found = [(predict(features).numpy(), labels.numpy()) for features, labels in batches]
    if not found:
        raise inputs.InputsError("The eval split is empty: raise data.eval_examples.")
    predictions, labels = zip(*found, strict=True)
    return Evaluation(np.concatenate(predictions), np.concatenate(labels))
