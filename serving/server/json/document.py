"""The object that the body of a request holds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

JsonObject = dict[str, Any]


class Document(JsonObject):
    """The object that a body holds."""

    booleans = True
    """Whether `true` or `false` may be among its values."""
    size = 0
    """Bytes of the body."""
    members: Sequence[tuple[str, Any]] | None = None
    """All of them, in order, where a name comes more than once."""

    def clear(self) -> None:
        self.members = None
        super().clear()

    def expand(self) -> None:
        """Makes lists of a grid, if there is one."""
        for place in (self, self.get("inputs")):
            if isinstance(place, dict):
                for name, value in place.items():
                    if isinstance(value, np.ndarray):
                        place[name] = value.tolist()
