"""What stands twice in a list that shall name each thing once."""

from __future__ import annotations

import collections
from collections.abc import Iterable
from typing import TypeVar

T = TypeVar("T", bound=str)


def twice(names: Iterable[T]) -> T | None:
    """The first name that stands there more than once; None where each stands there once."""
    # Counted in one go, since ten thousand labels take a second to be counted one by one.
    counts = collections.Counter(names)
    return next((name for name, count in counts.items() if count > 1), None)
