"""From a cell to how long something took: `1h 20m`, `95 min`, `01:23:45`, `PT1H20M`."""

from __future__ import annotations

import re
from typing import Literal

First = Literal["hours", "minutes"]
"""What stands first in `1:45`."""

_CLOCK = r"(?P<first>\d+):(?P<second>[0-5]\d)(?::(?P<third>[0-5]\d))?(?P<part>[.,]\d+)?"
_SHOWN = re.compile(rf"(?:(?P<days>\d+)\s*(?:d|days?|Tage?),?\s+)?{_CLOCK}", re.ASCII)
"""As clocks show it; pandas writes `0 days 01:20:00`."""
_ISO = re.compile(
    r"P(?=.)(?:(\d+)D)?(?:T(?=.)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:[.,]\d+)?)S)?)?", re.ASCII
)
_PART = re.compile(r"(\d+(?:[.,]\d+)?)\s*([^\W\d_]+)\.?[\s,]*", re.ASCII)
_SECONDS = {
    **dict.fromkeys(("d", "day", "days", "tag", "tage"), 86_400),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours", "std", "stunde", "stunden"), 3_600),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes", "minuten"), 60),
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds", "sek", "sekunden"), 1),
}
_LONGEST = 60
"""Signs of a cell."""


def seconds(text: str, first: First) -> float | None:
    """How many seconds a cell says; None where it is no duration.

    Args:
      first: what stands first where there are two numbers with a colon between.
    """
    bare = text.strip()
    if len(bare) > _LONGEST:
        return None
    sign, bare = (-1, bare[1:].lstrip()) if bare.startswith("-") else (1, bare)
    for read in (_shown, _iso, _named):
        found = read(bare, first)
        if found is not None:
            return sign * found
    return None


def is_of_clock(text: str) -> bool:
    """Whether a cell is numbers with colons between, which may mean something else."""
    found = _SHOWN.fullmatch(text.strip())
    return found is not None and found["days"] is None


def _shown(text: str, first: First) -> float | None:
    found = _SHOWN.fullmatch(text)
    if found is None:
        return None
    numbers = [int(found[name]) for name in ("first", "second", "third") if found[name]]
    if len(numbers) == 2:
        numbers = [*numbers, 0] if first == "hours" else [0, *numbers]
    hours, minutes, rest = numbers
    part = float(found["part"].replace(",", ".")) if found["part"] else 0.0
    return 86_400 * int(found["days"] or 0) + 3_600 * hours + 60 * minutes + rest + part


def _iso(text: str, first: First) -> float | None:
    found = _ISO.fullmatch(text.upper())
    if found is None:
        return None
    sizes = (86_400, 3_600, 60, 1)
    parts = zip(found.groups(), sizes, strict=True)
    return sum(float((part or "0").replace(",", ".")) * size for part, size in parts)


def _named(text: str, first: First) -> float | None:
    at, least, total = 0, float("inf"), 0.0
    while found := _PART.match(text, at):
        size = _SECONDS.get(found[2].lower())
        if size is None or size >= least:
            return None
        at, least, total = found.end(), size, total + float(found[1].replace(",", ".")) * size
    return total if at and at == len(text) else None
