"""How far two answers to one question may differ and still be the same."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

NEAR = 10
"""How many times nearer to one another than to 0 answers are that are held by their distance; so
much more room is theirs, as what is drawn by chance has less sure digits than what is learned."""


@dataclasses.dataclass(frozen=True)
class Tolerance:
    """|found - expected| <= absolute + relative x |expected|, element by element.

    Hardware and batch sizes change the order of sums, and so the last bits of a float32.
    """

    absolute: float
    relative: float
    around_value: float = 0.0
    """Where all answers lie, of those that are nearer to one another than to 0; else 0."""
    spread: float = 0.0
    """How far from there they lie at most: `relative` counts in ten times the distance from there,
    and in no less than ten times this, where that is less than |expected|."""

    def __str__(self) -> str:
        said = f"{self.absolute:g} + {self.relative:g} × |reference|"
        if not self.around_value:
            return said
        return f"{said}, or, if less, × 10 × the distance from {self.around_value:.6g}"

    def around(self, expected: NDArray[Any]) -> NDArray[np.float64]:
        """How far an answer may be from each of `expected`, float64 of its shape."""
        import numpy as np

        size = np.abs(expected)
        if self.around_value:
            away = np.abs(np.subtract(expected, self.around_value, dtype=np.float64))
            size = np.minimum(size, NEAR * np.maximum(away, self.spread))
        allowed: NDArray[np.float64] = self.absolute + self.relative * size
        return allowed

    def holds(self, found: NDArray[Any], expected: NDArray[Any]) -> bool:
        """Whether all elements, of arrays of one shape, are near enough; NaN is near nothing."""
        import numpy as np

        if found.shape != expected.shape:
            return False
        with np.errstate(invalid="ignore"):
            away = np.abs(np.subtract(found, expected, dtype=np.float64))
        return bool(np.all(away <= self.around(expected)) and np.isfinite(away).all())
