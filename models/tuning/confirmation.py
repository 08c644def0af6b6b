"""Whether the best trial is better than the settings as they are, or was lucky. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import fmean, variance

from documents.tuning import Confirmation, Repeat

SEEDS = 3


def seeds_of(seed: int) -> list[int]:
    """Seeds that decide: none that a trial had, as the best of many was lucky with its own."""
    # TensorFlow's seeds are int32.
    return [(seed + step) % 2**31 for step in range(1, SEEDS + 1)]


def confirm(
    repeats: Sequence[Repeat], best: int, seeds: Sequence[int], *, higher_is_better: bool
) -> Confirmation | None:
    """The verdict on trial `best`; None while a training is missing.

    It is better when its mean is, by at least the noise: what seeds alone do to the metric.
    """
    found = {(each.number, each.seed): each for each in repeats}
    if not all((number, seed) in found for number in (0, best) for seed in seeds):
        return None
    values: dict[int, list[float]] = {0: [], best: []}
    for number, kept in values.items():
        for seed in seeds:
            value = found[number, seed].value
            # A seed with which it fails speaks against it as no number could.
            worst = -math.inf if higher_is_better else math.inf
            kept.append(worst if value is None else value)
    if not all(map(math.isfinite, (*values[0], *values[best]))):
        return None
    gain = fmean(values[best]) - fmean(values[0])
    gain = gain if higher_is_better else -gain
    noise = math.sqrt((variance(values[0]) + variance(values[best])) / 2)
    return Confirmation(
        seeds=tuple(seeds),
        default=tuple(values[0]),
        best=tuple(values[best]),
        gain=gain,
        noise=noise,
        better=gain > 0 and gain >= noise,
    )
