"""Arrays after each other, in one: made as its parts come, as the parts and the whole would take
twice the room."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from serving.server.status import StatusError, invalid_argument
from serving.server.tensors import arrays, texts
from serving.server.tensors.texts import Tensor, Texts

Shape = tuple[int, ...]


class Gathered:
    """Gathers parts that differ in their first dimension only."""

    def __init__(self, most: int) -> None:
        """Nothing is there yet.

        Args:
          most: how many values there are at most, if that is known. Room for them is taken at once,
            and as long as nothing is written there, it takes none of the machine's.
        """
        self._most = most
        self._strings: list[Texts] = []
        self._numbers: np.ndarray[Any, Any] | None = None
        self._rows = 0
        self.rest: Shape | None = None
        """The shape of the parts without the first dimension; None before the first part."""

    def add(self, part: Tensor) -> None:
        """One more; strings in the form that takes least room.

        Raises:
          StatusError: INVALID_ARGUMENT when it is not of the shape of the first.
        """
        if self.rest is None:
            self.rest = part.shape[1:]
        if part.shape[1:] != self.rest:
            raise size_error(part.shape[1:], self.rest)
        if isinstance(part, Texts) or part.dtype == np.object_:
            self._strings.append(texts.packed(part))
            return
        if self._numbers is None and part.size >= self._most:  # The only one, as it seems.
            self._numbers, self._rows = part, len(part)
            return
        end = self._rows + len(part)
        if self._numbers is None or end > len(self._numbers):
            self._grow(end, part.dtype)
        assert self._numbers is not None
        self._numbers[self._rows : end] = part
        self._rows = end

    def _grow(self, rows: int, dtype: Any) -> None:
        assert self.rest is not None
        found = self._numbers
        likely = self._most // max(1, math.prod(self.rest)) if found is None else 2 * len(found)
        self._numbers = arrays.empty((max(rows, likely), *self.rest), dtype)
        if found is not None:
            self._numbers[: self._rows] = found[: self._rows]

    def array(self) -> Tensor:
        """All parts, of which there is at least one; they are used up."""
        if self._strings:
            return texts.joined(self._strings)
        assert self._numbers is not None
        return self._numbers[: self._rows]


def size_error(found: Shape, expected: Shape) -> StatusError:
    """About lists in lists that are too large to be looked into again."""
    level = next(
        (i for i, pair in enumerate(zip(found, expected, strict=False)) if pair[0] != pair[1]), 0
    )
    sizes = [shape[level] if level < len(shape) else 1 for shape in (found, expected)]
    return invalid_argument(
        f"Encountered list at unexpected size: {sizes[0]} at level: {level + 1} expected size:"
        f" {sizes[1]}"
    )
