"""Rows in which everything that a vocabulary knows stands once. Pure.

Rows drawn by chance hold few of its words, so that a model which lost one of them is right for all
of those.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from models.features.kind import Value

Row = Mapping[str, Value | None]
"""Features of an example by name; None where one is missing."""

WORDS_OF_A_TEXT = 40
"""In one text, as long as there are rows enough: each is a share of what the network sees of it."""


def known_rows(
    rows: Sequence[Row],
    categories: Mapping[str, Sequence[bytes]],
    texts: Mapping[str, Sequence[bytes]],
    most: int,
    random: np.random.Generator,
) -> Iterator[tuple[str, Row]]:
    """Yields names and rows, each of which holds a category of each column and many words of each
    text, in an order made by chance.

    Args:
      rows: of the data, which have every other value.
      categories: what is known of columns of one word.
      texts: what is known of columns of many.
      most: rows there may be; where there are more categories, as many of them spread over all.
    """
    known: dict[str, list[bytes]] = {}
    for name, words in categories.items():
        known[name] = [words[place] for place in random.permutation(len(words))]
    for name, words in texts.items():
        order = random.permutation(len(words))
        size = max(WORDS_OF_A_TEXT, -(-len(words) // most))
        known[name] = [
            b" ".join(words[place] for place in order[start : start + size])
            for start in range(0, len(words), size)
        ]
    count = min(most, max(map(len, known.values()), default=0))
    for number in range(count):
        row = dict(rows[number % len(rows)])
        for name, values in known.items():
            step = len(values) / count if len(values) > count else 1
            row[name] = values[int(number * step) % len(values)]
        yield f"known words {number + 1}", row
