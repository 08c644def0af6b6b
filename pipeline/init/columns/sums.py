"""Columns of which a label that is a number is made, as casual and registered of a total. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

_Floats = NDArray[np.float64]
MOST = 10
"""Columns that are told of; what more of them make is more likely to be learned than computed."""
ROWS = 4_000
"""That are enough to tell."""
_FEWEST = 50
_FILLED = 0.8
"""Share of the rows in which a column has to be there."""
_UNEXPLAINED = 1e-6
"""Share of the variance that figures rounded to a few digits leave."""
_NOTHING = 1e-3
"""Of the label's spread: a column that makes no more is no part of it."""


def parts_of(columns: Mapping[str, Sequence[float]], label: Sequence[float]) -> list[str]:
    """The columns whose sum, each times a number, is the label in every whole row; nothing where
    there are fewer than two or more than MOST. Half of the rows tell the numbers, the others
    whether they hold.

    Args:
      columns: numbers by row, NaN where one is missing, as is none of the label.
    """
    names = [*columns]
    if len(names) < 2 or len(label) < _FEWEST:
        return []
    table = np.array([columns[name] for name in names], np.float64).T
    answers = np.array(label, np.float64)
    # Rows with a gap tell nothing; nor do columns that are all but empty.
    filled = np.isfinite(table)
    usual = filled.mean(axis=0) >= _FILLED
    names = [name for name, is_usual in zip(names, usual, strict=True) if is_usual]
    whole = filled[:, usual].all(axis=1)
    table, answers = table[whole][:, usual], answers[whole]
    if len(answers) < max(_FEWEST, 4 * len(names)) or len(names) < 2 or not answers.std():
        return []
    table -= table.mean(axis=0)
    table /= np.where(table.std(axis=0), table.std(axis=0), 1.0)
    answers = (answers - answers.mean()) / answers.std()
    weights = _weights(table, answers)
    if weights is None:
        return []
    parts = np.abs(weights) > _NOTHING
    if not 2 <= parts.sum() <= MOST or _weights(table[:, parts], answers) is None:
        return []
    return [name for name, is_part in zip(names, parts, strict=True) if is_part]


def _weights(table: _Floats, answers: _Floats) -> _Floats | None:
    """What each column is taken by, of the least squares; None where they do not tell the rest."""
    # Which row is which has nothing to do with the order, in which values may rise.
    order = np.random.default_rng(0).permutation(len(answers))
    learned, others = np.array_split(order, 2)
    whole = np.column_stack([table, np.ones(len(answers))])
    weights, *_ = np.linalg.lstsq(whole[learned], answers[learned], rcond=None)
    missed = answers[others] - whole[others] @ weights
    return np.asarray(weights[:-1]) if (missed**2).mean() <= _UNEXPLAINED else None
