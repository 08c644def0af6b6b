"""Lines through points, some of which are missing."""

from __future__ import annotations

from collections.abc import Sequence


def polylines(points: Sequence[tuple[float, float] | None]) -> list[str]:
    """The `points` of an SVG polyline for each stretch without a gap; one alone makes no line."""
    found: list[list[tuple[float, float]]] = [[]]
    for point in points:
        if point is None:
            found.append([])
        else:
            found[-1].append(point)
    return [" ".join(f"{x},{y}" for x, y in each) for each in found if len(each) > 1]
