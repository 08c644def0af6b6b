"""Rows at the edges of what is legal: one edge of one column in each, of wide tables several.

A row holds all columns, and every column has edges: what all of them take grows with the square of
the number of columns, and has to fit into one document. Pure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeVar

V = TypeVar("V")

Edge = tuple[str, str, V]
"""Column, what is said of the value, the value."""


def edge_rows(
    edges: Sequence[Edge[V]], row: Mapping[str, V], most: int
) -> Iterator[tuple[str, Mapping[str, V]]]:
    """What is said of each row, and the row.

    Args:
      edges: those of one column one after another.
      row: of the data, which has every other value.
      most: rows there may be. There are more only where one column has more edges.
    """
    if not edges:
        return
    in_one_column = max(Counter(name for name, _, _ in edges).values())
    count = min(len(edges), max(most, in_one_column))
    for first in range(count):
        # So far apart no two are of one column.
        taken = edges[first::count]
        (name, said, _), more = taken[0], len(taken) - 1
        title = f"{name} {said}" + (f", and {more} more columns" if more else "")
        yield title, {**row, **{column: value for column, _, value in taken}}
