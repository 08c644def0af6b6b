"""Rows that no table holds and nobody could have foreseen, made of real ones by chance."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from models.features.kind import FeatureKind, Value
from models.orthogonal_array import paired_places
from models.reference.spread_values import CHOICE, spread_values

Row = Mapping[str, Value | None]
"""Features of an example by name; None where one is missing."""

MOST, FEWEST = 4 * 17**2, 40
"""As many rows, however many columns there are; fewer of rows with large images."""
_LARGEST = 3_000_000
"""Bytes of all of them, but for FEWEST that are made anyway."""
_FRAME = 16
_REAL, _DRAWN, _VARIANT, _WORD, _EDGE = 0.1, 0.55, 0.72, 0.83, 0.92
"""Up to which share a cell is another row's, one by chance, like it, a known word, an edge; what is
left is missing."""
_MISSING = (0.1, 0.95)
"""Between which the share of cells lies of rows in which much is: another one in each row, so that
of many columns hardly any or nearly all are."""
_SEVERAL = 32
"""Columns of a table for which it does not take long to choose among values by chance."""
_BY_KIND = 5
"""Every so many of them, a kind of column is missing as a whole, or is all that there is."""


def mixed_rows(
    kinds: Mapping[str, FeatureKind],
    rows: Sequence[Row],
    words: Mapping[str, Sequence[bytes]],
    random: np.random.Generator,
) -> Iterator[tuple[str, Row]]:
    """Yields names and rows in turn: one cell of a row of the data is another, in all columns in
    turn; much is missing; twice every cell is another one, so that whatever goes together in the
    data does not here, and ranges that never do so do.

    Args:
      kinds: those that may be missing; of the others every cell is another row's.
      rows: of the data, at least one.
      words: what a vocabulary knows of a column.
      random: decides everything.
    """
    names = list(kinds)
    cells = _Cells(kinds, rows, words, random)
    count = most_rows(rows[0], MOST)
    turns = -(-count // 4)
    others = {name: iter(cells.shuffled(name, -(-turns // len(names)))) for name in names}
    crossed = cells.crossed(2 * turns)
    for number in range(count):
        turn, sort = divmod(number, 4)
        row = dict(rows[random.integers(len(rows))])
        if sort == 0 and names:
            name = names[turn % len(names)]
            row[name] = next(others[name])
        elif sort == 1:
            row |= dict.fromkeys(_missing(kinds, random, turn))
        elif sort > 1:
            row = {name: rows[random.integers(len(rows))].get(name) for name in row}
            row |= {name: values[2 * turn + sort - 2] for name, values in crossed.items()}
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


class _Cells:
    """Values of columns: of each sort its share, and of those by chance some of every range."""

    def __init__(
        self,
        kinds: Mapping[str, FeatureKind],
        rows: Sequence[Row],
        words: Mapping[str, Sequence[bytes]],
        random: np.random.Generator,
    ):
        self._kinds, self._rows, self._words, self._random = kinds, rows, words, random
        self._decks: dict[tuple[str, str], list[int]] = {}

    def shuffled(self, name: str, count: int) -> list[Value | None]:
        """Of a column, none of them another row's, in an order made by chance."""
        found = self._of(name, count, _REAL)
        return [found[place] for place in self._random.permutation(len(found))]

    def crossed(self, count: int) -> dict[str, list[Value | None]]:
        """Of all columns, so that each range of one meets each of another in some row."""
        orders = paired_places(count, len(self._kinds), self._random)
        found: dict[str, list[Value | None]] = {}
        for (name, kind), places in zip(self._kinds.items(), orders, strict=True):
            values = self._of(name, count, 0.0)
            known = sorted((value for value in values if value is not None), key=kind.order)
            in_order = [None] * (count - len(known)) + known
            found[name] = [in_order[place] for place in places]
        return found

    def _of(self, name: str, count: int, least: float) -> list[Value | None]:
        """So many of a column.

        Args:
          least: the share of sorts that are left out.
        """
        kind, words = self._kinds[name], self._words.get(name, ())
        found: list[Value | None] = []
        drawn = 0
        for chance in least + (1 - least) * (np.arange(count) + self._random.random()) / count:
            value = self._real(name)
            if chance < _REAL or (chance < _VARIANT and value is None):
                found.append(value)
            elif chance < _DRAWN:
                drawn += 1
            elif chance < _VARIANT and value is not None:
                others = dict.fromkeys(other for other in kind.variants(value) if other != value)
                found.append(self._one(name, "variants", [*others] or [value]))
            elif chance < _WORD and words:
                found.append(self._one(name, "words", words))
            elif chance < _EDGE:
                found.append(self._one(name, "edges", [*kind.edges().values()] or [value]))
            else:
                found.append(None)
        values = [value for row in self._rows if (value := row.get(name)) is not None]
        choice = CHOICE if len(self._kinds) <= _SEVERAL else 1
        found += spread_values(kind, values, drawn, self._random, choice)
        return found + [None] * (count - len(found))

    def _real(self, name: str) -> Value | None:
        return self._rows[self._random.integers(len(self._rows))].get(name)

    def _one(self, name: str, what: str, values: Sequence[Value | None]) -> Value | None:
        """One of the values of a column, of which there may be fewer at another time; none again
        until all were there."""
        deck = self._decks.setdefault((name, what), [])
        if not deck:
            deck += self._random.permutation(len(values)).tolist()
        return values[deck.pop() % len(values)]
