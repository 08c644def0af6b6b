"""Rows that no table holds and nobody could have foreseen, made of real ones by chance."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from models.features.kind import FeatureKind, Value

Row = Mapping[str, Value | None]
"""Features of an example by name; None where one is missing."""

COUNT = 160
"""As many rows, however many columns there are."""
_REAL, _VARIANT, _WORD, _EDGE = 0.45, 0.75, 0.85, 0.93
"""Up to which share of chance a cell is another row's, like it, a known word, an edge; what is
left is missing."""


def mixed_rows(
    kinds: Mapping[str, FeatureKind],
    rows: Sequence[Row],
    words: Mapping[str, Sequence[bytes]],
    random: np.random.Generator,
) -> Iterator[tuple[str, Row]]:
    """Yields names and rows. Each cell is drawn by itself, so that whatever goes together in the
    data does not here.

    Every second one is a row of the data in which one cell is another: all columns in turn.

    Args:
      kinds: those that may be missing; of the others every cell is another row's.
      rows: of the data, at least one.
      words: what a vocabulary knows of a column.
      random: decides everything.
    """
    names = list(kinds)
    for number in range(1, COUNT + 1):
        row = dict(rows[random.integers(len(rows))])
        others = {name: rows[random.integers(len(rows))].get(name) for name in row}
        changed = names
        if number % 2 and names:
            changed = [names[number // 2 % len(names)]]
        else:
            row = others
        for name in changed:
            row[name] = _cell(kinds[name], others[name], words.get(name, ()), random)
        yield f"mixture {number}", row


def _cell(
    kind: FeatureKind, value: Value | None, words: Sequence[bytes], random: np.random.Generator
) -> Value | None:
    chance = random.random()
    if chance < _REAL or (chance < _VARIANT and value is None):
        return value
    if chance < _VARIANT and value is not None:
        return _one([*kind.variants(value)] or [value], random)
    if chance < _WORD and words:
        return _one(words, random)
    if chance < _EDGE:
        return _one([*kind.edges().values()] or [value], random)
    return None


def _one(values: Sequence[Value | None], random: np.random.Generator) -> Value | None:
    return values[int(random.integers(len(values)))]
