"""Rows for which a tag or a class is just likely enough, or just not, and a number just above a
level, or just not: where a threshold that moved shows."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Row = Mapping[str, Any]
Margins = Callable[[Sequence[Row]], NDArray[np.float32]]
"""By how much each of the decisions is for it, [rows, decisions]; against it below 0."""

_ROUNDS = 3
_VALUES = 17
"""Of a number in each round, so that both sides end near to one another."""
_MOST_DECISIONS, _MOST_NUMBERS, _MOST_SWEEPS = 16, 8, 128
_STARTS = 4
"""Rows next to a threshold from which a number goes through all its values."""
_CROSSINGS, _PARENTS = 16, 32
"""At most so many rounds in which rows next to a threshold are crossed with others, and how many of
each side."""
_CELLS = 2
"""At most so many of a row are another row's, so that it stays near."""
_SMALL_STEPS = 4
"""Decades below the distance of two numbers of the data, down to which one is changed."""
_TELLING = 1.5e-4
"""What is nearer to a threshold than this may be on either side of it, as far as anybody holds a
served model to it."""
_DISTANCES, _FARTHER = 3, 4
"""From a threshold, at which there is a row on each side, each so many times the one before."""
_NEAR = 5e-4
"""From a threshold to the nearest row on each side that tells, where nothing nearer is looked
for."""


@dataclasses.dataclass(frozen=True)
class _Sweep:
    """One number of a row goes from one end to the other, while the row says all else."""

    decision: int
    row: Row
    name: str
    ends: tuple[float, float]

    @property
    def rows(self) -> list[Row]:
        # An example holds float32.
        values = np.linspace(*self.ends, _VALUES).astype(np.float32)
        return [{**self.row, self.name: float(value)} for value in values]


class _Asked:
    """Rows whose margins are known."""

    def __init__(self, margins: Margins, rows: Sequence[Row]):
        self._margins = margins
        self.rows = list(rows)
        self.found = margins(rows)
        """[rows, decisions]"""

    @property
    def decisions(self) -> range:
        return range(min(self.found.shape[1], _MOST_DECISIONS))

    def ask(self, rows: Sequence[Row]) -> NDArray[np.float32]:
        found = self._margins(rows)
        self.rows += rows
        self.found = np.concatenate([self.found, found])
        return found

    def gap(self, decision: int) -> float:
        """From where the decision falls to the farther one of the nearest rows that tell, one on
        each side; infinite where a side has none."""
        sides = [self.nearest(decision, positive, 1, _TELLING) for positive in (False, True)]
        return max(
            abs(float(self.found[side[0], decision])) if side else math.inf for side in sides
        )

    def nearest(
        self, decision: int, positive: bool, count: int = 1, least: float = 0.0
    ) -> list[int]:
        """Places of the rows on that side that are next to where the decision falls, and `least`
        away from it, of each margin one."""
        margins, places = np.unique(self.found[:, decision], return_index=True)
        first = int(np.searchsorted(margins, least if positive else -least))
        side = places[first : first + count] if positive else places[:first][::-1][:count]
        found: list[int] = side.tolist()
        return found

    def telling(self, decision: int, positive: bool) -> list[int]:
        """The nearest row, and where that is too near to be held to it the next one that is not;
        and the first one in each of a few distances, as a model may be wrong for those alone."""
        least = (0.0, *(_TELLING * _FARTHER**step for step in range(_DISTANCES)))
        found = (self.nearest(decision, positive, 1, each) for each in least)
        return [*dict.fromkeys(place for places in found for place in places)]


def undecided(
    rows: Sequence[Row],
    others: Sequence[Row],
    numbers: Sequence[str],
    margins: Margins,
    random: np.random.Generator,
    most: int = 512,
    sweeps: int = _MOST_SWEEPS,
) -> Iterator[tuple[int, Row, bool]]:
    """Finds the rows that are next to where a decision falls, on either side of it: a number of a
    row goes through its values; and rows are crossed with others, as many models look at a few
    ranges of a number only, and others at none.

    Args:
      rows: of the data.
      others: that are none of the data, but could be.
      numbers: features that hold numbers.
      margins: of the decisions.
      random: decides which cells are crossed.
      most: rows that are asked about in each round of that.
      sweeps: as many numbers of rows, at most, go through their values at first.

    Yields:
      a decision's place, a row, and whether the decision is for it; none where no row is on that
      side, and two where one is so near that nobody can tell on which it is.
    """
    asked = _Asked(margins, [*rows, *others])
    ends = dict(_ends(rows, numbers))
    _sweep(asked, {name: ends[name] for name in numbers[:_MOST_NUMBERS] if name in ends}, sweeps)
    for _ in range(_CROSSINGS):
        wide = [decision for decision in asked.decisions if asked.gap(decision) > _NEAR]
        if not wide:
            break
        asked.ask(list(_crossed(asked, wide, ends, most, random)))
    for decision in asked.decisions:
        for positive in (False, True):
            for place in asked.telling(decision, positive):
                yield decision, asked.rows[place], positive


def _crossed(
    asked: _Asked,
    decisions: Sequence[int],
    ends: Mapping[str, tuple[float, float]],
    most: int,
    random: np.random.Generator,
) -> Iterator[Row]:
    """Yields rows that are like one next to a threshold but for a cell or two."""
    sides = [
        places
        for decision in decisions
        for positive in (False, True)
        if (places := asked.nearest(decision, positive, _PARENTS))
    ]
    for number in range(most):
        places = sides[number % len(sides)]
        # The nearer, the more often.
        row = dict(asked.rows[places[int(len(places) * random.random() ** 2)]])
        other = asked.rows[random.integers(len(asked.rows))]
        names = list(row)
        for place in random.integers(len(names), size=random.integers(1, _CELLS + 1)).tolist():
            name = names[place]
            own = row[name]
            row[name] = other[name]
            if name in ends and random.random() < 0.5:
                row[name] = _number(own, ends[name], random)
        yield row


def _number(own: float | None, ends: tuple[float, float], random: np.random.Generator) -> float:
    """Another one, at any distance: next to a threshold small steps lead nearer."""
    drawn = random.uniform(*ends)
    if own is not None and math.isfinite(own):
        drawn = own + (drawn - own) * 10 ** random.uniform(-_SMALL_STEPS, 0)
    return float(np.float32(drawn))


def _sweep(asked: _Asked, ends: Mapping[str, tuple[float, float]], most: int) -> None:
    """Has numbers go to where a decision falls, the first one that reaches it closer and closer."""
    sweeps = _sweeps(asked, ends)[:most]
    for _ in range(_ROUNDS):
        if not sweeps:
            return
        found = asked.ask([row for sweep in sweeps for row in sweep.rows])
        narrower: dict[int, _Sweep] = {}
        each_found = found.reshape(len(sweeps), _VALUES, -1)
        for sweep, each in zip(sweeps, each_found, strict=True):
            reached = each[:, sweep.decision] >= 0
            places = np.flatnonzero(reached[1:] != reached[:-1])
            if not len(places) or sweep.decision in narrower:
                continue
            first, second = sweep.rows[places[0]], sweep.rows[places[0] + 1]
            pair = first[sweep.name], second[sweep.name]
            narrower[sweep.decision] = dataclasses.replace(sweep, ends=pair)
        sweeps = [*narrower.values()]


def _ends(rows: Sequence[Row], numbers: Sequence[str]) -> Iterator[tuple[str, tuple[float, float]]]:
    for name in numbers:
        known = [row[name] for row in rows if row[name] is not None]
        known = [value for value in known if math.isfinite(value)]
        if known and min(known) < max(known):
            yield name, (min(known), max(known))


def _sweeps(asked: _Asked, ends: Mapping[str, tuple[float, float]]) -> list[_Sweep]:
    """From the row next to each threshold, then from others that are near."""
    nearest = np.argsort(np.abs(asked.found), axis=0, kind="stable")[:_STARTS]
    return [
        _Sweep(decision, asked.rows[int(places[decision])], name, pair)
        for places in nearest
        for decision in asked.decisions
        for name, pair in ends.items()
    ]
