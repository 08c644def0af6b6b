"""Rows for which a tag is just likely enough, or just not: where a threshold that moved shows."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Row = Mapping[str, Any]
Answers = Callable[[Sequence[Row]], Any]
"""Probabilities [rows, tags] of rows."""

_ROUNDS = 3
_VALUES = 17
"""Of a number in each round, so that both sides end near to one another."""
_MOST_TAGS, _MOST_NUMBERS = 16, 8


@dataclasses.dataclass(frozen=True)
class _Sweep:
    """One number of a row goes from one end to the other, while the row says all else."""

    tag: int
    row: Row
    name: str
    ends: tuple[float, float]

    @property
    def rows(self) -> list[Row]:
        # An example holds float32.
        values = np.linspace(*self.ends, _VALUES).astype(np.float32)
        return [{**self.row, self.name: float(value)} for value in values]


def undecided(
    rows: Sequence[Row], numbers: Sequence[str], threshold: float, answers: Answers
) -> Iterator[tuple[int, Row, Row]]:
    """Finds pairs of rows that differ in one number, on either side of the threshold.

    Args:
      rows: of the data.
      numbers: features that hold numbers.
      threshold: of every tag.

    Yields:
      a tag's place, the row for which it is less likely, and the one for which it is not; none
      where no number decides.
    """
    found = _asked(answers, rows)
    sweeps = [*_sweeps(rows, found, numbers, threshold)]
    for last in (False,) * (_ROUNDS - 1) + (True,):
        if not sweeps:
            return
        asked = [row for sweep in sweeps for row in sweep.rows]
        likely = _asked(answers, asked).reshape(len(sweeps), _VALUES, -1)
        narrower: dict[int, _Sweep] = {}
        for sweep, probabilities in zip(sweeps, likely, strict=True):
            reached = probabilities[:, sweep.tag] >= np.float32(threshold)
            places = np.flatnonzero(reached[1:] != reached[:-1])
            if not len(places) or sweep.tag in narrower:
                continue
            pair = sweep.rows[places[0]], sweep.rows[places[0] + 1]
            if last:
                yield sweep.tag, *(pair if reached[places[0] + 1] else pair[::-1])
            ends = pair[0][sweep.name], pair[1][sweep.name]
            narrower[sweep.tag] = dataclasses.replace(sweep, ends=ends)
        sweeps = [*narrower.values()]


def _sweeps(
    rows: Sequence[Row], found: NDArray[np.float32], numbers: Sequence[str], threshold: float
) -> Iterator[_Sweep]:
    for tag in range(min(found.shape[1], _MOST_TAGS)):
        nearest = rows[int(np.abs(found[:, tag] - threshold).argmin())]
        for name in numbers[:_MOST_NUMBERS]:
            known = [row[name] for row in rows if row[name] is not None]
            known = [value for value in known if math.isfinite(value)]
            if known and min(known) < max(known):
                yield _Sweep(tag, nearest, name, (min(known), max(known)))


def _asked(answers: Answers, rows: Sequence[Row]) -> NDArray[np.float32]:
    return np.asarray(answers(rows), np.float32)
