"""Rows of the data in which every cell is another one that is like it: a text in another way that
other programs take for it, a number of another size, a moment of another year. Pure.

A way of writing shows a wrong model only with values to which it makes a difference: accents that
are left out with those that have some. Cells drawn by chance hold few of them.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from models.features.kind import FeatureKind, Value
from models.orthogonal_array import paired_places
from models.reference.spread_values import spread_values

Row = Mapping[str, Value | None]
"""Features of an example by name; None where one is missing."""

_EACH = 3
"""Values for each way of writing."""
_LOOKED_AT = 200
"""Values of a column among which those are looked for."""


def other_writings(
    kinds: Mapping[str, FeatureKind],
    rows: Sequence[Row],
    words: Mapping[str, Sequence[bytes]],
    values: Sequence[Row],
    most: int,
    random: np.random.Generator,
) -> Iterator[tuple[str, Row]]:
    """Yields names and rows in which each of these columns is written otherwise.

    Args:
      kinds: of columns whose variants stand in one order whatever the value, or nearly so.
      rows: which have every other value, at least one.
      words: what a vocabulary knows of a column.
      values: rows of the data.
      most: rows there may be; where there are more ways of writing, some are left out by chance.
      random: decides everything.
    """
    # A category that no vocabulary knows is as good as any other of those.
    known = {name: words.get(name) or _known(values, name) for name in kinds}
    found = {name: _written(kind, known[name], random) for name, kind in kinds.items()}
    count = min(most, max(map(len, found.values()), default=0))
    orders = paired_places(count, len(kinds), random)
    cells = {
        name: _in_rows(kinds[name], written, known[name], places, random)
        for (name, written), places in zip(found.items(), orders, strict=True)
    }
    for number in range(count):
        row = dict(rows[number % len(rows)])
        row |= {name: written[number] for name, written in cells.items() if written}
        yield f"other writing {number + 1}", row


def _in_rows(
    kind: FeatureKind,
    written: Sequence[Value],
    values: Sequence[Value],
    places: NDArray[np.int64],
    random: np.random.Generator,
) -> list[Value]:
    """One for each row, those that are next to one another in rows that differ in all else; by
    chance where there are fewer ways of writing than of another column."""
    found = [*written[: len(places)]]
    found += spread_values(kind, values, len(places) - len(found), random)
    # A kind may draw nothing.
    in_order = sorted(itertools.islice(itertools.cycle(found), len(places)), key=kind.order)
    return [in_order[place] for place in places] if in_order else []


def _known(rows: Sequence[Row], name: str) -> list[Value]:
    """What rows hold of a column."""
    values = dict.fromkeys(row.get(name) for row in rows)
    return [value for value in values if value not in (None, b"") and value == value]


def _written(
    kind: FeatureKind, values: Sequence[Value], random: np.random.Generator
) -> list[Value]:
    """Each way of writing of some values that it changes, in an order made by chance."""
    chosen = [values[place] for place in random.permutation(len(values))[:_LOOKED_AT]]
    ways: dict[int, list[Value]] = {}
    for value in chosen:
        if ways and all(len(written) == _EACH for written in ways.values()):
            break
        for place, other in enumerate(kind.variants(value)):
            written = ways.setdefault(place, [])
            if other != value and len(written) < _EACH:
                written.append(other)
    # Some are the same of every value; beside another row each time, as one may hide what is wrong.
    made = [other for written in ways.values() for other in written]
    return [made[place] for place in random.permutation(len(made))]
