"""Values of a column by chance, some of every part of their range. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from models.features.kind import FeatureKind, Value

CHOICE = 4
"""Values that are drawn for each that is taken."""


def spread_values(
    kind: FeatureKind,
    values: Sequence[Value],
    count: int,
    random: np.random.Generator,
    choice: int = CHOICE,
) -> list[Value]:
    """Draws more than are needed and takes one of each few that are next to one another: of a range
    that is as likely as one value, hardly ever none is left, where chance leaves one in three out.

    Args:
      values: of the data; others are drawn of each.
      count: how many to draw.
      choice: how many are drawn for each that is taken; 1 where that would take too long.

    Returns:
      in their order; fewer where the kind draws none of some of the values.
    """
    if not values:
        return []
    chosen = random.integers(len(values), size=count * choice).tolist()
    drawn = [kind.drawn(values[place], random) for place in chosen]
    found = sorted((value for value in drawn if value is not None), key=kind.order)
    return [
        found[start + int(random.integers(min(choice, len(found) - start)))]
        for start in range(0, len(found), choice)
    ]
