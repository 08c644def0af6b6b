"""How far two answers to one question may differ and still be the same."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclasses.dataclass(frozen=True)
class Tolerance:
    """|found - expected| <= absolute + relative x |expected|, element by element.

    Hardware and batch sizes change the order of sums, and so the last bits of a float32.
    """

    absolute: float
    relative: float

    def __str__(self) -> str:
        return f"{self.absolute:g} + {self.relative:g} × |reference|"

    def around(self, expected: NDArray[Any]) -> NDArray[np.float64]:
        """How far an answer may be from each of `expected`, float64 of its shape."""
        import numpy as np

        allowed: NDArray[np.float64] = self.absolute + self.relative * np.abs(expected)
        return allowed

    def holds(self, found: NDArray[Any], expected: NDArray[Any]) -> bool:
        """Whether all elements, of arrays of one shape, are near enough; NaN is near nothing."""
        import numpy as np

        return found.shape == expected.shape and bool(
            np.allclose(found, expected, rtol=self.relative, atol=self.absolute)
        )
