"""Rows that no table holds and nobody could have foreseen, made of real ones by chance."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from models.features.kind import FeatureKind, Value

Row = Mapping[str, Value | None]
"""Features of an example by name; None where one is missing."""

MOST, FEWEST = 600, 39
"""As many rows, however many columns there are; fewer of rows with large images."""
_LARGEST = 3_000_000
"""Bytes of all of them, but for FEWEST that are made anyway."""
_FRAME = 16
_REAL, _DRAWN, _VARIANT, _WORD, _EDGE = 0.2, 0.6, 0.75, 0.85, 0.93
"""Up to which share of chance a cell is another row's, one by chance, like it, a known word, an
edge; what is left is missing."""
_MISSING = (0.1, 0.95)
"""Between which the share of cells lies of rows in which much is: another one in each row, so that
of many columns hardly any or nearly all are."""
_BY_KIND = 5
"""Every so many of them, a kind of column is missing as a whole, or is all that there is."""


def mixed_rows(
    kinds: Mapping[str, FeatureKind],
    rows: Sequence[Row],
    words: Mapping[str, Sequence[bytes]],
    random: np.random.Generator,
) -> Iterator[tuple[str, Row]]:
    """Yields names and rows, three kinds of them in turn: one cell of a row of the data is another,
    in all columns in turn; much is missing; each cell is drawn by itself, so that whatever goes
    together in the data does not here.

    Args:
      kinds: those that may be missing; of the others every cell is another row's.
      rows: of the data, at least one.
      words: what a vocabulary knows of a column.
      random: decides everything.
    """
    names = list(kinds)
    turns = _Turns(random)
    for number in range(most_rows(rows[0], MOST)):
        row = dict(rows[random.integers(len(rows))])
        others = {name: rows[random.integers(len(rows))].get(name) for name in row}
        if number % 3 == 0:
            for name in names and [names[number // 3 % len(names)]]:
                known = words.get(name, ())
                row[name] = _cell(name, kinds[name], others[name], known, turns, least=_REAL)
        elif number % 3 == 1:
            row |= dict.fromkeys(_missing(kinds, random, number // 3))
        else:
            row = others
            for name in names:
                row[name] = _cell(name, kinds[name], others[name], words.get(name, ()), turns)
        yield f"mixture {number + 1}", row


def _missing(
    kinds: Mapping[str, FeatureKind], random: np.random.Generator, number: int
) -> Iterator[str]:
    """The columns that are missing in a row in which much is."""
    share = random.uniform(*_MISSING)
    # What is of a kind goes through the same operations.
    found = sorted({kind.kind for kind in kinds.values()})
    if number % _BY_KIND == 0 and len(found) > 1:
        place = number // _BY_KIND
        chosen, alone = found[place % len(found)], place // len(found) % 2 == 1
        yield from (name for name, kind in kinds.items() if (kind.kind == chosen) != alone)
        return
    yield from (name for name in kinds if random.random() < share)


def most_rows(row: Row, most: int, fewest: int = FEWEST) -> int:
    """How many rows like this one there is room for; `fewest` whatever that is."""
    # An example holds names and frames, too.
    cells = (len(value) if isinstance(value, bytes) else 4 for value in row.values())
    size = sum(cells) + sum(len(name) + _FRAME for name in row)
    return min(most, max(fewest, _LARGEST // max(size, 1)))


class _Turns:
    """Draws without putting back, so that nothing is left out that there are rows enough for."""

    def __init__(self, random: np.random.Generator):
        self.random = random
        self._decks: dict[tuple[str, str], list[int]] = {}

    def one(self, name: str, what: str, values: Sequence[Value | None]) -> Value | None:
        """One of the values of a column, of which there may be fewer at another time."""
        deck = self._decks.setdefault((name, what), [])
        if not deck:
            deck += self.random.permutation(len(values)).tolist()
        return values[deck.pop() % len(values)]


def _cell(
    name: str,
    kind: FeatureKind,
    value: Value | None,
    words: Sequence[bytes],
    turns: _Turns,
    least: float = 0.0,
) -> Value | None:
    chance = turns.random.uniform(least, 1.0)
    if chance < _REAL or (chance < _VARIANT and value is None):
        return value
    if chance < _DRAWN and (drawn := kind.drawn(value, turns.random)) is not None:
        return drawn
    if chance < _VARIANT and value is not None:
        others = dict.fromkeys(other for other in kind.variants(value) if other != value)
        return turns.one(name, "variants", [*others] or [value])
    if chance < _WORD and words:
        return turns.one(name, "words", words)
    if chance < _EDGE:
        return turns.one(name, "edges", [*kind.edges().values()] or [value])
    return None
