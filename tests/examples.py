"""How many examples hypothesis draws for a test that is cheaper, or dearer, than others."""

from __future__ import annotations

from hypothesis import settings


def examples(times: float) -> int:
    """So many times the examples of a usual test."""
    return max(1, round(times * settings().max_examples))
