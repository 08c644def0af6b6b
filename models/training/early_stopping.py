"""Ends a training that gets no better on the eval split, and goes back to its best weights."""

from __future__ import annotations

import json
import logging
import math
from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf

from models.training.options import EarlyStoppingOptions

logger = logging.getLogger("progress")


class EarlyStopping:
    """Measures after each epoch; what it knows is part of a checkpoint."""

    def __init__(
        self,
        options: EarlyStoppingOptions,
        variables: Sequence[tf.Variable],
        measure: Callable[[], float],
    ):
        """Has seen no epoch.

        Args:
          variables: what is learned, and what is kept beside it, such as means of batches.
          measure: the loss on the eval split as it is now.
        """
        self._options, self._variables, self._measure = options, variables, measure
        self._best = [tf.Variable(variable, trainable=False) for variable in variables]
        self._seen = _Seen()
        self.state: dict[str, Any] = {"best_weights": self._best, "best_epoch": self._seen}

    @property
    def is_over(self) -> bool:
        """Whether `patience` epochs in a row were no better than the best one before."""
        return self._seen.epochs - self._seen.best_epoch >= self._options.patience

    def epoch_ended(self) -> bool:
        """Measures; returns whether the training is over."""
        loss, seen = self._measure(), self._seen
        seen.epochs += 1
        if loss < seen.loss - self._options.min_delta:
            seen.loss, seen.best_epoch = loss, seen.epochs
            self._copy(self._variables, self._best)
        if self.is_over:
            logger.info(
                "stopped after epoch %d: on the eval split epoch %d was best, with a loss of %.4g",
                *(seen.epochs, seen.best_epoch, seen.loss),
            )
        return self.is_over

    def restore(self) -> None:
        """Gives the variables the values of the best epoch, if there was one."""
        if self._seen.best_epoch:
            self._copy(self._best, self._variables)

    @staticmethod
    def _copy(source: Sequence[tf.Variable], target: Sequence[tf.Variable]) -> None:
        for one, other in zip(source, target, strict=True):
            other.assign(one)


class _Seen(tf.train.experimental.PythonState):
    """Epochs, counted from 1, and the best of them; 0 before there is one."""

    def __init__(self) -> None:
        self.epochs = 0
        self.best_epoch = 0
        self.loss = math.inf

    def serialize(self) -> str:
        return json.dumps([self.epochs, self.best_epoch, self.loss])

    def deserialize(self, value: str) -> None:
        self.epochs, self.best_epoch, self.loss = json.loads(value)
