"""Images for which a tag or a class is just likely enough, or just not: blends of two others."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from models.reference.undecided import Row, undecided

_ONE, _OTHER, _SHARE = "one", "other", "share"
"""Cells of what a blend is made of: the places of two images, and the share of the first."""
_SOURCES = 256
_AT_ONCE = 2_000_000
"""Bytes of the images that are asked about together."""
_ALL = 24_000_000
"""Bytes of those that are asked about before and in each round of the search, or nearly so."""
_SWEEPS, _VALUES, _CROSSED = 64, 17, 64

Margins = Callable[[NDArray[np.uint8]], NDArray[np.float32]]
"""By how much each decision is for an image, [images, decisions]; against it below 0."""


def undecided_images(
    images: NDArray[np.uint8],
    others: Sequence[NDArray[np.uint8]],
    margins: Margins,
    random: np.random.Generator,
) -> Iterator[tuple[int, NDArray[np.uint8], bool]]:
    """Finds blends that are next to where a decision falls, on either side of it.

    Args:
      images: real ones, uint8 [at least 1, height, width] or [..., 3].
      others: that are none of the data, of the same shape.
      margins: of the decisions.
      random: decides which are blended.

    Yields:
      a decision's place, an image, and whether the decision is for it, as `undecided` does of rows.
    """
    sources = np.stack([*images[:_SOURCES], *others])
    size = sources[0].nbytes
    # Large ones cost more to ask about, and there are fewer of them.
    known = max(2, min(len(sources), _ALL // (4 * size)))
    rows: list[Row] = [
        {_ONE: place, _OTHER: int(random.integers(len(sources))), _SHARE: 1.0}
        for place in random.permutation(len(sources))[:known].tolist()
    ]
    rows.append({**rows[0], _SHARE: 0.0})
    most = max(1, min(_CROSSED, _ALL // (64 * size)))
    sweeps = max(1, min(_SWEEPS, _ALL // (2 * _VALUES * size)))

    def blend(row: Row) -> NDArray[np.uint8]:
        one, other = (sources[row[name]].astype(np.float64) for name in (_ONE, _OTHER))
        found: NDArray[np.uint8] = np.rint(one * row[_SHARE] + other * (1 - row[_SHARE])).astype(
            np.uint8
        )
        return found

    def of_rows(asked: Sequence[Row]) -> NDArray[np.float32]:
        step = max(1, _AT_ONCE // size)
        parts = [asked[start : start + step] for start in range(0, len(asked), step)]
        return np.concatenate([margins(np.stack([*map(blend, part)])) for part in parts])

    for decision, row, is_for in undecided(rows, [], [_SHARE], of_rows, random, most, sweeps):
        yield decision, blend(row), is_for
