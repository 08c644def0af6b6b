"""What it is worth to answer always the same: who learned something does better. Pure.

The same is the most frequent class with the share of each, the mean, or the tags that stand
together most often with the share of each.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from documents.figure import amount

Labels = NDArray[np.number[Any]]
"""int64 [N] of classes, float [N] of numbers, a one or a zero for each of the tags [N, tags]."""

_LEAST = 1e-7
"""What probabilities are cut at in logarithms, by tf_keras too."""


@dataclasses.dataclass(frozen=True)
class Constant:
    """One answer to every question."""

    kind: str
    """Of the label."""
    answer: NDArray[np.float64]
    """Probabilities [k], or the number [1]."""
    threshold: float = 0.5
    """From which probability on a tag is answered."""

    def words(self, names: Sequence[str]) -> str:
        """What is answered, for a sentence."""
        if self.kind == "number":
            return amount(float(self.answer[0]))
        if self.kind == "classes":
            return names[int(self.answer.argmax())]
        likely = np.flatnonzero(self._likely)
        return ", ".join(names[place] for place in likely[:5]) or "no tag"

    def worth(self, metric: str, labels: Labels) -> float | None:
        """The value of a metric over examples with these labels; None where it is not known."""
        if not len(labels):
            return None
        if self.kind == "number":
            rule = _OF_NUMBERS.get(metric)
            return rule(labels.astype(np.float64), float(self.answer[0])) if rule else None
        if self.kind == "classes" and metric in _OF_CLASSES:
            return _OF_CLASSES[metric](labels.astype(np.int64), self.answer)
        decided = _OF_DECISIONS.get(metric)
        return decided(self._decisions(labels)) if decided else None

    @property
    def _likely(self) -> NDArray[np.bool_]:
        """Which tags are answered, in float32 as a model decides."""
        return self.answer.astype(np.float32) >= np.float32(self.threshold)

    def _decisions(self, labels: Labels) -> _Decisions:
        if self.kind == "tags":
            there = labels.sum(axis=0, dtype=np.float64)
            return _Decisions(self.answer, there, len(labels) - there, self._likely)
        counts = np.bincount(labels.astype(np.int64), minlength=len(self.answer)) * 1.0
        # Of two classes such metrics are those of the second one.
        only = slice(1, 2) if len(counts) == 2 else slice(None)
        answer, there = self.answer[only], counts[only]
        return _Decisions(answer, there, len(labels) - there, answer > 0.5)


def learned(kind: str, labels: Labels, width: int, threshold: float = 0.5) -> Constant:
    """What to answer always, after these labels, at least one.

    Args:
      width: how many classes or tags there are.
      threshold: from which probability on a tag is answered.
    """
    if kind == "number":
        return Constant(kind, np.array([labels.mean(dtype=np.float64)]))
    if kind == "classes":
        counts = np.bincount(labels.astype(np.int64), minlength=width)
        return Constant(kind, counts / counts.sum())
    sets, counts = np.unique(labels > 0.5, axis=0, return_counts=True)
    usual = sets[counts.argmax()]
    shares = labels.mean(axis=0, dtype=np.float64)
    least = np.float32(threshold)
    below = np.nextafter(least, np.float32(0))
    shares = np.where(usual, np.maximum(shares, least), np.minimum(shares, below))
    return Constant(kind, shares, threshold)


@dataclasses.dataclass(frozen=True)
class _Decisions:
    """One probability for each of several columns, and how often the label of each is there."""

    likely: NDArray[np.float64]
    there: NDArray[np.float64]
    absent: NDArray[np.float64]
    said: NDArray[np.bool_]
    """Whether it is answered."""

    @property
    def hits(self) -> float:
        return float(self.there[self.said].sum())

    @property
    def false_alarms(self) -> float:
        return float(self.absent[self.said].sum())

    @property
    def misses(self) -> float:
        return float(self.there[~self.said].sum())

    @property
    def total(self) -> float:
        return float((self.there + self.absent).sum())


def _area(of: _Decisions) -> float | None:
    """Of every pair of a label that is there and one that is not, the share in order."""
    up, down = float(of.there.sum()), float(of.absent.sum())
    if not up or not down:
        return None
    area = below = 0.0
    for value in np.unique(of.likely):
        same = of.likely == value
        absent = float(of.absent[same].sum())
        area += float(of.there[same].sum()) * (below + absent / 2)
        below += absent
    return area / (up * down)


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole else None


def _surprise(of: _Decisions) -> float | None:
    likely = np.clip(of.likely, _LEAST, 1 - _LEAST)
    lost = -(of.there * np.log(likely) + of.absent * np.log(1 - likely)).sum()
    return _share(float(lost), of.total)


_OF_DECISIONS: dict[str, Callable[[_Decisions], float | None]] = {
    "AUC": _area,
    "BinaryAccuracy": lambda of: _share(of.total - of.misses - of.false_alarms, of.total),
    "BinaryCrossentropy": _surprise,
    "Calibration": lambda of: _share(
        float((of.likely * (of.there + of.absent)).sum()), float(of.there.sum())
    ),
    "F1Score": lambda of: _share(2 * of.hits, 2 * of.hits + of.false_alarms + of.misses),
    "Precision": lambda of: _share(of.hits, of.hits + of.false_alarms),
    "Recall": lambda of: _share(of.hits, of.hits + of.misses),
}


def _among_best(labels: NDArray[np.int64], answer: NDArray[np.float64], most: int) -> float:
    return float(np.isin(labels, np.argsort(-answer, kind="stable")[:most]).mean())


_OF_CLASSES: dict[str, Callable[[NDArray[np.int64], NDArray[np.float64]], float | None]] = {
    "SparseCategoricalAccuracy": lambda labels, answer: _among_best(labels, answer, 1),
    "SparseCategoricalCrossentropy": lambda labels, answer: float(
        -np.log(np.clip(answer, _LEAST, 1))[labels].mean()
    ),
    # 5 is what tf_keras takes unless told otherwise.
    "SparseTopKCategoricalAccuracy": lambda labels, answer: _among_best(labels, answer, 5),
}


def _explained(labels: NDArray[np.float64], answer: float) -> float | None:
    spread = float(((labels - labels.mean()) ** 2).sum())
    return 1 - float(((labels - answer) ** 2).sum()) / spread if spread else None


_OF_NUMBERS: dict[str, Callable[[NDArray[np.float64], float], float | None]] = {
    "MeanAbsoluteError": lambda labels, answer: float(np.abs(labels - answer).mean()),
    "MeanSquaredError": lambda labels, answer: float(((labels - answer) ** 2).mean()),
    "R2Score": _explained,
    "RootMeanSquaredError": lambda labels, answer: float(((labels - answer) ** 2).mean() ** 0.5),
}
