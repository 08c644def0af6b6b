"""What is known of metrics without asking a library: the values they can take, and which is better.

Names are classes of tf_keras.metrics or tfma.metrics; of one that is not here nothing is assumed.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator
from typing import Any

import numpy as np


@dataclasses.dataclass(frozen=True)
class MetricKind:
    """The values that a metric can take, in its own unit."""

    least: float
    greatest: float
    higher_is_better: bool


_SHARE = MetricKind(0.0, 1.0, higher_is_better=True)
_WRONG_SHARE = MetricKind(0.0, 1.0, higher_is_better=False)
_LOSS = MetricKind(0.0, math.inf, higher_is_better=False)
_RIGHT_COUNT = MetricKind(0.0, math.inf, higher_is_better=True)
_CORRELATION = MetricKind(-1.0, 1.0, higher_is_better=True)

KINDS = {
    **dict.fromkeys(
        (
            *("Accuracy", "BinaryAccuracy", "CategoricalAccuracy", "SparseCategoricalAccuracy"),
            *("TopKCategoricalAccuracy", "SparseTopKCategoricalAccuracy", "BalancedAccuracy"),
            *("AUC", "AUCPrecisionRecall", "Precision", "Recall", "F1Score", "FBetaScore"),
            *("PrecisionAtRecall", "RecallAtPrecision", "RecallAtFalsePositiveRate", "MaxRecall"),
            *("SensitivityAtSpecificity", "SpecificityAtSensitivity", "Specificity", "TNR", "TPR"),
            *("NegativePredictiveValue", "NPV", "PPV", "ThreatScore", "FowlkesMallowsIndex"),
            *("IoU", "BinaryIoU", "MeanIoU", "OneHotIoU", "OneHotMeanIoU", "NDCG", "ExactMatch"),
        ),
        _SHARE,
    ),
    **dict.fromkeys(
        ("FPR", "FNR", "FallOut", "MissRate", "FalseDiscoveryRate", "FalseOmissionRate"),
        _WRONG_SHARE,
    ),
    **dict.fromkeys(
        (
            *("BinaryCrossentropy", "BinaryCrossEntropy", "CategoricalCrossentropy"),
            *("CategoricalCrossEntropy", "SparseCategoricalCrossentropy", "KLDivergence"),
            *("MeanAbsoluteError", "MeanSquaredError", "RootMeanSquaredError", "LogCoshError"),
            *("MeanAbsolutePercentageError", "MeanSquaredLogarithmicError"),
            *("Hinge", "SquaredHinge", "CategoricalHinge"),
            *("FalseNegatives", "FalsePositives", "FN", "FP"),
        ),
        _LOSS,
    ),
    **dict.fromkeys(("TrueNegatives", "TruePositives", "TN", "TP", "ExampleCount"), _RIGHT_COUNT),
    **dict.fromkeys(
        ("CosineSimilarity", "MatthewsCorrelationCoefficient", "Informedness", "Markedness"),
        _CORRELATION,
    ),
    "R2Score": MetricKind(-math.inf, 1.0, higher_is_better=True),
}

OF_ONE_CLASS = frozenset(
    {"AUC", "AUCPrecisionRecall", "Calibration", "F1Score", "Precision", "Recall"}
)
"""Of two classes these are about the second one, as everywhere else; TFMA itself would take each
probability for an answer of its own, which makes another number of them."""


OF_ALL = frozenset(
    {
        *("AUC", "BinaryAccuracy", "BinaryCrossentropy", "F1Score"),
        *("SparseCategoricalAccuracy", "SparseCategoricalCrossentropy"),
        *("MeanAbsoluteError", "MeanSquaredError", "R2Score", "RootMeanSquaredError"),
    }
)
"""Those that tell what a model is worth as a whole, so that it has to be better than always the
same answer by the first of them. Always "yes" has a recall that nobody can beat."""

_OF_NUMBERS = frozenset(
    {
        *("MeanAbsoluteError", "MeanSquaredError", "RootMeanSquaredError", "LogCoshError"),
        *("MeanAbsolutePercentageError", "MeanSquaredLogarithmicError", "R2Score"),
    }
)
"""How far numbers are from others; of a class, libraries take its index for one."""
_OF_ANYTHING = frozenset({"ExampleCount", "CosineSimilarity"})
_TOP = "SparseTopKCategoricalAccuracy"
_TOP_COUNT = 5
"""How many classes are the likeliest ones to it, unless told otherwise."""

MODULES = {"R2Score": "components.evaluator.r2_score"}
"""Where a metric of ours is, of a name that the library's own cannot be computed under."""

_OF_THRESHOLD = {
    "BinaryAccuracy": "threshold",
    **dict.fromkeys(("F1Score", "Precision", "Recall"), "thresholds"),
}


def higher_is_better(
    metric: str, *, has_least: bool = False, has_greatest: bool = False
) -> bool | None:
    """Which values are; None where nothing is known, nor told by limits on one side only.

    Args:
      has_least: whether there is a least value that is allowed.
      has_greatest: whether there is a greatest.
    """
    kind = KINDS.get(metric)
    if kind:
        return kind.higher_is_better
    return None if has_least == has_greatest else has_least


def unit(metric: str) -> float:
    """What is much of a metric that has a greatest or least value of its own, such as 1 of an
    accuracy; 0 of one in the unit of the label, where anything may be much."""
    kind = KINDS.get(metric)
    return 1.0 if kind and math.isfinite(kind.greatest) else 0.0


def arguments(metric: str, threshold: float | None) -> dict[str, Any]:
    """What a metric is made with where labels are likely from `threshold` on."""
    key = _OF_THRESHOLD.get(metric)
    if threshold is None or key is None:
        return {}
    # Libraries take what is more than the threshold, and the model what is not less.
    below = float(np.nextafter(np.float32(threshold), np.float32(0)))
    return {key: [below] if key == "thresholds" else below}


def misfit(metric: str, kind: str, classes: int) -> str | None:
    """Why a metric says nothing of a label, though libraries compute it; None where it may.

    Args:
      kind: of the label.
      classes: how many it has.

    Returns:
      the end of a sentence about the metric.
    """
    if kind == "number" and metric in KINDS.keys() - _OF_NUMBERS - _OF_ANYTHING:
        return "is about classes or tags, and the label is a number"
    if kind == "classes" and metric in _OF_NUMBERS:
        return "is about numbers, and the label is one of several classes"
    if kind == "classes" and metric == _TOP and classes <= _TOP_COUNT:
        return f"is 1 whatever a model answers: of {classes} classes each is among {_TOP_COUNT}"
    return None


def problems(
    metric: str, least: float | None, greatest: float | None, max_drop: float | None = None
) -> Iterator[str]:
    """Why no value of `metric` can be at least `least` and at most `greatest`, or why each can:
    somebody who writes `max_drop: 5` of a share means percent.

    Yields:
      ends of a sentence about the limits, each with its key and value.
    """
    if least is not None and greatest is not None and least > greatest:
        yield f"min = {least:g} is more than max = {greatest:g}, so no value holds both"
    kind = KINDS.get(metric)
    if kind is None:
        return
    if least is not None and least > kind.greatest:
        yield f"min = {least:g} can never hold, {metric} is at most {kind.greatest:g}"
    if greatest is not None and greatest < kind.least:
        yield f"max = {greatest:g} can never hold, {metric} is at least {kind.least:g}"
    if least is not None and least < kind.least:
        yield f"min = {least:g} refuses nothing, {metric} is at least {kind.least:g}"
    if greatest is not None and greatest > kind.greatest:
        yield f"max = {greatest:g} refuses nothing, {metric} is at most {kind.greatest:g}"
    if max_drop is not None and max_drop > kind.greatest - kind.least:
        yield (
            f"max_drop = {max_drop:g} refuses nothing, {metric} lies between {kind.least:g} and"
            f" {kind.greatest:g}; one percent is 0.01"
        )
