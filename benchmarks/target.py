"""A figure that was measured, and what it is held against."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any


@dataclasses.dataclass(frozen=True)
class Target:
    """A figure and the limit it has to keep."""

    name: str
    value: float
    limit: float
    at_least: bool = False
    """Whether the limit is a least value; otherwise it is a greatest one."""

    @property
    def met(self) -> bool:
        """Whether the figure keeps its limit; one that is exactly there does."""
        return self.value >= self.limit if self.at_least else self.value <= self.limit


Part = Callable[[Path], tuple[list[Target], dict[str, Any]]]
"""One part of a benchmark: from a folder of its own to the verdicts, and to whatever else the JSON
file shall hold."""
