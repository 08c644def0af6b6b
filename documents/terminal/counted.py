"""Counts in words, as every page, report and answer says them."""

from __future__ import annotations


def counted(number: int, one: str, many: str = "") -> str:
    """`1 run`, `0 runs`, `1,000 runs`.

    Args:
      number: how many.
      one: what follows a 1, such as `row is`.
      many: what follows any other number, where that is not `one` with an s.
    """
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"
