"""Which values are tried next, and which trials are not worth going on with. Pure."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

from documents.tuning import DONE, Dimension, Trial
from models.tuning.space import unit_of, value_at

_SPREAD = 0.2
"""Of a step away from a good trial, in parts of a dimension."""
_ELITE = 0.25
"""Part of the trials from which steps are made."""
_ATTEMPTS = 200
_LEAST_PEERS = 3
"""Trials that have come as far, before one is held against them."""
_LEAST_PART = 1 / 3
"""Of its epochs, before a trial is held against others."""


def explored(dimensions: Sequence[Dimension]) -> int:
    """How many trials are drawn from everywhere before any is near a good one."""
    return 3 + len(dimensions)


def propose(
    dimensions: Sequence[Dimension],
    trials: Sequence[Trial],
    *,
    number: int,
    seed: int,
    higher_is_better: bool,
) -> dict[str, Any] | None:
    """The values of trial `number`, from 1 on; None where everything near was tried.

    First from everywhere, each dimension in strata, so that few trials cover it; then steps away
    from the best trials so far, and every fourth from everywhere again. What comes depends on the
    arguments only, so that a search that goes on after a kill goes on as it would have.
    """
    chance = random.Random(f"{seed} {number}")
    tried = {_text(trial.values) for trial in trials}
    first = explored(dimensions)
    good = ranked(trials, higher_is_better)
    elite = good[: max(1, math.ceil(len(good) * _ELITE))]
    wide = not elite or number <= first or number % 4 == 0
    for attempt in range(_ATTEMPTS):
        if wide or attempt > _ATTEMPTS // 2:
            units = [
                _stratum(index, number, first, seed, chance) if not attempt else chance.random()
                for index in range(len(dimensions))
            ]
        else:
            units = _near(dimensions, chance.choice(elite), chance)
        values = {
            dimension.key: value_at(dimension, unit)
            for dimension, unit in zip(dimensions, units, strict=True)
        }
        if _text(values) not in tried:
            return values
    return None


def ranked(trials: Sequence[Trial], higher_is_better: bool) -> list[Trial]:
    """Those that were trained to their end, the best first; of equals the earlier one."""
    sign = -1 if higher_is_better else 1
    done = [trial for trial in trials if trial.state == DONE and trial.value is not None]
    return sorted(done, key=lambda trial: (sign * (trial.value or 0.0), trial.number))


def is_hopeless(
    history: Sequence[float], epochs: int, trials: Sequence[Trial], *, higher_is_better: bool
) -> bool:
    """Whether a trial with this history is worse than the median of others was at its age.

    The rule of Golovin et al. 2017, Google Vizier, on the value rather than on its mean.
    """
    age = len(history)
    if age >= epochs or age < epochs * _LEAST_PART:
        return False
    peers = [trial.history[age - 1] for trial in trials if len(trial.history) >= age]
    if len(peers) < _LEAST_PEERS:
        return False
    middle = median(peers)
    return history[-1] < middle if higher_is_better else history[-1] > middle


def _stratum(index: int, number: int, count: int, seed: int, chance: random.Random) -> float:
    """One of `count` equal parts of a dimension, another one for each number up to `count`."""
    order = list(range(count))
    random.Random(f"{seed} dimension {index}").shuffle(order)
    return (order[(number - 1) % count] + chance.random()) / count


def _near(dimensions: Sequence[Dimension], trial: Trial, chance: random.Random) -> list[float]:
    """A step away: each dimension moves in half of the cases, and one always does."""
    moved = chance.randrange(len(dimensions))
    units = []
    for index, dimension in enumerate(dimensions):
        unit = unit_of(dimension, trial.values.get(dimension.key))
        if index == moved or chance.random() < 0.5:
            far = dimension.values is not None
            unit = chance.random() if far else unit + chance.gauss(0, _SPREAD)
        units.append(min(max(unit, 0.0), 1.0))
    return units


def _text(values: Mapping[str, Any]) -> str:
    return json.dumps(values, sort_keys=True)
