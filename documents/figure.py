"""Numbers as people read them: what was measured, and what stands in the data."""

from __future__ import annotations

_SMALL = 0.001
"""Below it four digits behind the point say hardly anything."""
_WHOLE, _LONGEST = 1e6, 1e15


def measured(value: float, *, sign: str = "", beside: float | None = None) -> str:
    """Four digits behind the point; three of a number that is smaller than those show, 6.66e-12, as
    the error of a label in a large unit.

    Args:
      sign: `+` where one shall stand before positive numbers, too.
      beside: what `value` is a change of, which says what is small.
    """
    size = abs(value if beside is None else beside)
    return f"{value:{sign}{'.3g' if 0 < size < _SMALL else '.4f'}}"


def amount(value: float) -> str:
    """Six digits, and all of those before the point: 2173060, not 2.17306e+06."""
    return f"{value:.0f}" if _WHOLE <= abs(value) < _LONGEST else f"{value:.6g}"
