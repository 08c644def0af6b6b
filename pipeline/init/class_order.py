"""The order in which a draft names classes and tags: 2 stands before 10, as people count. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.IGNORECASE)
_DIGITS = re.compile(r"(\d+)")


def in_order(names: Iterable[str]) -> list[str]:
    """Numbers by what they are, where all of the names are; others as text, but for the whole
    numbers in them."""
    ordered = sorted(names)
    are_numbers = all(_NUMBER.fullmatch(name) for name in ordered)
    return sorted(ordered, key=float if are_numbers else _parts)


def _parts(name: str) -> list[str | int]:
    """Text and numbers by turns, so that each is compared with its like."""
    return [int(part) if at % 2 else part for at, part in enumerate(_DIGITS.split(name))]
