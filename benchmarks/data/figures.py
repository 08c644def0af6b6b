"""How good predictions are."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray
from sklearn.metrics import accuracy_score, r2_score, roc_auc_score

from benchmarks.data.sets import ACCURACY, AUC, R2


def figures(predictions: NDArray[Any], labels: NDArray[Any]) -> dict[str, float]:
    """R² of numbers [N]; accuracy, and AUC of two classes, of probabilities [N, classes]."""
    if predictions.ndim == 1:
        return {R2: r2_score(labels, predictions)}
    found = {ACCURACY: accuracy_score(labels, predictions.argmax(axis=1))}
    if predictions.shape[1] == 2:
        found[AUC] = roc_auc_score(labels, predictions[:, 1])
    return found
