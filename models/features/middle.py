"""Between which values nearly all others lie."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

_LEFT_OUT = 0.01


def middle(values: Sequence[Any]) -> tuple[Any, Any]:
    """Two of the values: all lie between but the least and the greatest hundredth.

    Args:
      values: at least one; whatever has an order.
    """
    ordered = sorted(values)
    outside = int(len(ordered) * _LEFT_OUT)
    return ordered[outside], ordered[-1 - outside]
