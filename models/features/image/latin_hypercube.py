"""Chance that leaves no part of a range out."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

_LARGEST = 3
"""Values of one draw that are kept apart from those of other rounds: a number, or a colour."""


class LatinHypercube(np.random.Generator):
    """A generator whose `uniform` values are spread evenly over several rounds.

    Latin hypercube sampling (McKay, Beckman and Conover, Technometrics 21, 1979): each of n rounds
    has the first value that it draws in another n-th of its range, and so the second, and so on.
    Four plain draws miss any given two fifths of a range once in eight times.
    """

    def __init__(self, random: np.random.Generator, rounds: int) -> None:
        """Of the bits of `random`.

        Args:
          rounds: how often the same is drawn, 1 or more.
        """
        super().__init__(random.bit_generator)
        self._rounds = rounds
        self._round = -1
        self._place = 0
        self._parts: list[Any] = []

    def begin(self) -> LatinHypercube:
        """Begins the next round; after the last one comes the first one again."""
        self._round = (self._round + 1) % self._rounds
        self._place = 0
        return self

    def uniform(self, low: Any = 0.0, high: Any = 1.0, size: Any = None) -> Any:
        """As `Generator.uniform`; more than three values at once are drawn as it does."""
        shape = () if size is None else tuple(np.atleast_1d(size).tolist())
        count = math.prod(shape)
        if self._rounds == 1 or count > _LARGEST:
            return super().uniform(low, high, size)
        if self._place == len(self._parts):
            self._parts.append([self.permutation(self._rounds) for _ in range(_LARGEST)])
        parts = [parts[self._round] for parts in self._parts[self._place][:count]]
        self._place += 1
        found = (np.reshape(parts, shape) + self.random(shape)) / self._rounds * (high - low) + low
        return float(found) if size is None else found
