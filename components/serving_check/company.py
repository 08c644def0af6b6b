"""An output that no rule knows: does it depend on what it was asked with?"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from documents.tolerance import Tolerance


class Company:
    """What one output of a signature was, input by input and row by row.

    It is a function of the input alone, whatever else is in the batch; or else, as one that numbers
    the rows, of the row and the size of the batch alone.
    """

    def __init__(self, pool: int, values: NDArray[Any], tolerance: Tolerance) -> None:
        """Has heard nothing yet.

        Args:
          pool: how many inputs there are.
          values: of the first answer, [n, ...].
          tolerance: of floats; the absolute one is for rows without a number greater than 1.
        """
        self._tolerance = tolerance
        self.shape = values.shape[1:]
        """Of one row."""
        self._first = np.zeros((pool, *self.shape), values.dtype)
        self._heard = np.zeros(pool, np.bool_)
        self._batches: dict[int, NDArray[Any]] | None = {}
        """The first one of each size; None once another one was different."""
        self._of_input = True

    def other_row(self, places: Sequence[int], values: NDArray[Any]) -> int | None:
        """The first row that is another one than before for no good reason; None for none."""
        asked = np.array(places)
        new = ~self._heard[asked]
        self._first[asked[new]] = values[new]
        self._heard[asked] = True
        other = ~self._alike(self._first[asked], values)
        self._of_input = self._of_input and not other.any()
        batches = self._batches  # Another thread may drop it meanwhile.
        if batches is not None:
            first = batches.setdefault(len(values), values)
            if not self._alike(first, values).all():
                self._batches = None
        if self._of_input or self._batches is not None:
            return None
        return int(other.argmax())

    def _alike(self, one: NDArray[Any], two: NDArray[Any]) -> NDArray[np.bool_]:
        """Which rows are, bool [n]."""
        flat = len(one), math.prod(self.shape)
        one, two = one.reshape(flat), two.reshape(flat)
        if one.dtype.kind != "f":
            alike = np.asarray(one == two, np.bool_)
        else:
            first = np.abs(one.astype(np.float64))
            # In a row of large numbers the small ones carry the rounding of the large.
            greatest = np.maximum(1.0, first.max(axis=1, initial=0, keepdims=True))
            allowed = self._tolerance.absolute * greatest + self._tolerance.relative * first
            alike = np.abs(one - two) <= allowed
        return np.asarray(alike.all(axis=1))
