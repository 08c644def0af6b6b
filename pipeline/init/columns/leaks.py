"""Single columns that alone predict the label, most often since they came after it. Pure."""

from __future__ import annotations

import bisect
import itertools
import statistics
from collections import Counter, defaultdict
from collections.abc import Hashable, Sequence
from typing import Any

LEAK = 0.95
"""From here on a column is suspected."""
LEAK_OF_NUMBER = 0.99
"""The same for a label that is a number: columns that are measured with it tell much of it."""
_BINS = 100
_FEWEST = 50
"""Rows; fewer tell nothing."""

Pair = tuple[Hashable, str]
"""The value of a row and its label."""


def strength(cells: Sequence[str | None], labels: Sequence[str], *, is_number: bool) -> float:
    """How well a column alone tells the label: 1 is always.

    Of two classes it is the area under the ROC curve, of more the share that the column saves of
    the errors of always saying the most frequent class. Every second row says what goes with a
    value; the others are predicted.
    """
    values: Sequence[Hashable] = _binned(cells) if is_number else cells
    pairs = list(zip(values, labels, strict=True))
    learned, others = pairs[::2], pairs[1::2]
    seen: dict[Hashable, Counter[str]] = defaultdict(Counter)
    for value, label in learned:
        seen[value][label] += 1
    classes = Counter(label for _, label in others)
    if len(others) < _FEWEST or len(classes) < 2:
        return 0.0
    if len(set(labels)) == 2:
        return _area(seen, others, max(classes))
    [(common, count)] = classes.most_common(1)
    best = {value: counts.most_common(1)[0][0] for value, counts in seen.items()}
    missed = sum(label != best.get(value, common) for value, label in others)
    return 1 - missed / (len(others) - count)


def strength_of_number(
    cells: Sequence[str | None], labels: Sequence[float], *, is_number: bool
) -> float:
    """How well a column alone tells a label that is a number: the share of its variance, R², that
    is explained. Every second row says what is usual with a value, and between two numbers what
    lies between; the others are predicted, but for those beyond."""
    values: Sequence[Any] = cells
    if is_number:
        values = [None if cell is None else float(cell) for cell in cells]
    pairs = list(zip(values, labels, strict=True))
    learned, others = pairs[::2], pairs[1::2]
    if len(others) < _FEWEST:
        return 0.0
    seen: dict[Any, list[float]] = defaultdict(list)
    for value, label in learned:
        seen[value].append(label)
    usual = {value: statistics.fmean(found) for value, found in seen.items()}
    mean = statistics.fmean(label for _, label in learned)
    numbers = sorted(of for of in usual if of is not None) if is_number else []

    if numbers:
        inside = (numbers[0], numbers[-1])
        others = [of for of in others if of[0] is None or inside[0] <= of[0] <= inside[1]]

    def predicted(value: Any) -> float:
        if value in usual or not numbers or value is None:
            return usual.get(value, mean)
        at = bisect.bisect(numbers, value)
        low, high = numbers[at - 1], numbers[at]
        part: float = (value - low) / (high - low)
        return usual[low] + part * (usual[high] - usual[low])

    missed = sum((label - predicted(value)) ** 2 for value, label in others)
    spread = sum((label - mean) ** 2 for _, label in others)
    return 1 - missed / spread if spread else 0.0


def _area(seen: dict[Hashable, Counter[str]], others: Sequence[Pair], positive: str) -> float:
    """Of every pair of rows of both classes, the share that is in order; half of equal ones."""
    total = Counter[str]()
    for counts in seen.values():
        total.update(counts)
    usual = total[positive] / sum(total.values())

    def score(value: Hashable) -> float:
        counts = seen.get(value)
        return counts[positive] / sum(counts.values()) if counts else usual

    scored = sorted((score(value), label == positive) for value, label in others)
    area = lower = positives = 0.0
    for _, group in itertools.groupby(scored, key=lambda of: of[0]):
        hits = [is_positive for _, is_positive in group]
        up, down = sum(hits), len(hits) - sum(hits)
        area += up * (lower + down / 2)
        lower += down
        positives += up
    return area / (positives * lower)


def _binned(cells: Sequence[str | None]) -> list[int | None]:
    """Numbers as their hundredths by rank, equal ones alike: by the first of them, or what nearly
    all rows hold would be together with all above it."""
    numbers = [None if cell is None else float(cell) for cell in cells]
    ranked = sorted(number for number in numbers if number is not None)
    ranks: dict[float, int] = {}
    for place, number in enumerate(ranked):
        ranks.setdefault(number, place * _BINS // len(ranked))
    return [None if number is None else ranks[number] for number in numbers]
