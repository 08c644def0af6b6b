"""Single numbers so far from all others that they are likely to be mistakes. Pure."""

from __future__ import annotations

from collections.abc import Iterable

_FEWEST = 50
"""Different numbers; of fewer none is far from what is usual."""
_MOST = 3
"""Numbers that are far together."""
_RANGES = 10.0
"""Ranges of all others between them and such a number: what is measured in powers of ten, as prices
and populations, is not that far."""


def far(numbers: Iterable[float]) -> list[float]:
    """Those that are, the farthest first; nothing where there are none."""
    ordered = sorted({*numbers})
    if len(ordered) < _FEWEST:
        return []
    for count in range(1, _MOST + 1):
        for low in range(count + 1):
            high = len(ordered) - (count - low)
            others = ordered[low:high]
            least, greatest = others[0], others[-1]
            apart = [*ordered[:low], *ordered[high:]]
            distance = _RANGES * (greatest - least)
            if all(least - of > distance or of - greatest > distance for of in apart):
                return sorted(apart, key=lambda of: -abs(of - least))
    return []
