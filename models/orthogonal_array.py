"""Chance that leaves no pair of parts of two ranges out."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray


def paired_places(count: int, columns: int, random: np.random.Generator) -> list[NDArray[np.int64]]:
    """Where in the order of its values each column stands in each of `count` rows, so that parts of
    two columns meet: of p x p rows, p prime, each p-th of the one meets each p-th of the other.

    By chance alone p x p rows leave more than a third of these pairs out. An orthogonal array (Bose
    1938) has each once, and Latin hypercubes that are made of one (Tang, Journal of the American
    Statistical Association 88, 1993) have every single value once, too. Rows beyond p x p, and
    columns beyond p + 1 beside those before, are by chance.

    Args:
      count: of rows, and of values of each column.
      columns: how many there are.
      random: decides which parts meet in which row.

    Returns:
      for each column a permutation of range(count), int64 [count].
    """
    prime = _prime(math.isqrt(count))
    square = min(prime * prime, count)
    first, second = np.divmod(np.arange(square), prime)
    found: list[NDArray[np.int64]] = []
    rows = np.arange(count)
    for column in range(columns):
        factor = column % (prime + 1)
        if factor == 0:
            rows = random.permutation(count)
        parts = second if factor == prime else (first + factor * second) % prime
        # Which part is which, and which value of it, is of no importance.
        order = np.argsort(random.permutation(prime)[parts] + random.random(square))
        values = random.permutation(count)
        within = np.sort(values[:square])
        places = np.empty(count, np.int64)
        places[rows[:square][order]] = within
        places[rows[square:]] = values[square:]
        found.append(places)
    return found


def _prime(most: int) -> int:
    """The greatest prime up to `most`; 1 where there is none."""
    for number in range(most, 1, -1):
        if all(number % factor for factor in range(2, math.isqrt(number) + 1)):
            return number
    return 1
