"""The metrics that can decide a search, as TensorFlow Model Analysis computes them. Numpy only."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

_LEAST = 1e-7
"""A probability that a logarithm is taken of; that of tf_keras."""

Array = NDArray[Any]


@dataclasses.dataclass(frozen=True)
class Answers:
    """What a network says of examples, and what is right."""

    predictions: Array
    """Probabilities [N, classes or tags], or numbers [N]."""
    labels: Array
    """int64 [N] of classes, float32 [N, tags] of tags, float32 [N] of numbers."""
    threshold: float = 0.5
    """From which on a tag is likely."""

    def pairs(self) -> tuple[Array, Array]:
        """Probabilities and what is right, both flat: of two classes those of the second."""
        if self.labels.ndim > 1:
            return self.predictions.ravel(), self.labels.ravel() > 0.5
        if self.predictions.shape[1] == 2:
            return self.predictions[:, 1], self.labels == 1
        right = np.eye(self.predictions.shape[1], dtype=bool)[self.labels]
        return self.predictions.ravel(), right.ravel()


def _auc(answers: Answers) -> float:
    """The share of pairs of a right one and a wrong one that are in order, ties counting half."""
    scores, right = answers.pairs()
    many, few = int(right.sum()), int((~right).sum())
    if not many or not few:
        return float("nan")
    _, places, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = np.cumsum(counts) - (counts - 1) / 2
    return float((ranks[places.ravel()][right].sum() - many * (many + 1) / 2) / (many * few))


def _f1(answers: Answers) -> float:
    scores, right = answers.pairs()
    found = scores >= answers.threshold
    both = int((found & right).sum())
    total = int(found.sum() + right.sum())
    return 2 * both / total if total else 0.0


def _binary_accuracy(answers: Answers) -> float:
    scores, right = answers.pairs()
    return float(((scores >= answers.threshold) == right).mean())


def _binary_crossentropy(answers: Answers) -> float:
    scores, right = answers.pairs()
    likely = np.where(right, scores, 1 - scores).astype(np.float64)
    return float(-np.log(np.clip(likely, _LEAST, 1)).mean())


def _accuracy(answers: Answers) -> float:
    return float((answers.predictions.argmax(axis=1) == answers.labels).mean())


def _crossentropy(answers: Answers) -> float:
    likely = np.take_along_axis(answers.predictions, answers.labels[:, None], axis=1)
    return float(-np.log(np.clip(likely.astype(np.float64), _LEAST, 1)).mean())


def _away(answers: Answers) -> Array:
    return answers.predictions.astype(np.float64) - answers.labels


def _r2(answers: Answers) -> float:
    labels = answers.labels.astype(np.float64)
    spread = ((labels - labels.mean()) ** 2).sum()
    return float(1 - (_away(answers) ** 2).sum() / spread) if spread else float("nan")


@dataclasses.dataclass(frozen=True)
class Deciding:
    """A metric that a search can go by."""

    compute: Callable[[Answers], float]
    higher_is_better: bool
    kinds: tuple[str, ...]
    """Of labels."""


METRICS = {
    "AUC": Deciding(_auc, True, ("classes", "tags")),
    "F1Score": Deciding(_f1, True, ("classes", "tags")),
    "BinaryAccuracy": Deciding(_binary_accuracy, True, ("tags",)),
    "BinaryCrossentropy": Deciding(_binary_crossentropy, False, ("tags",)),
    "SparseCategoricalAccuracy": Deciding(_accuracy, True, ("classes",)),
    "SparseCategoricalCrossentropy": Deciding(_crossentropy, False, ("classes",)),
    "R2Score": Deciding(_r2, True, ("number",)),
    "MeanAbsoluteError": Deciding(lambda a: float(np.abs(_away(a)).mean()), False, ("number",)),
    "MeanSquaredError": Deciding(lambda a: float((_away(a) ** 2).mean()), False, ("number",)),
    "RootMeanSquaredError": Deciding(
        lambda a: float(np.sqrt((_away(a) ** 2).mean())), False, ("number",)
    ),
}
_USUAL = {"classes": "SparseCategoricalCrossentropy", "number": "MeanSquaredError"}


def deciding(metrics: Sequence[str], label_kind: str) -> str:
    """The first of the evaluation's metrics that can decide, or the loss of the kind of label."""
    fitting = (name for name in metrics if name in METRICS and label_kind in METRICS[name].kinds)
    return next(fitting, _USUAL.get(label_kind, "BinaryCrossentropy"))
