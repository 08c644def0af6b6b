"""The order in which a test run takes its files."""

from __future__ import annotations

from collections.abc import Iterable, Set
from pathlib import Path

SLOW_UNTIL = 0.8
"""The share of all files after which none with slow tests begins: at the end, the other processes
would wait for it."""


def spread(files: Iterable[Path], slow: Set[Path]) -> list[Path]:
    """The files with slow tests at equal distances among the others, both in their order. Pure.

    Slow tests wait for servers and for runs that they started, and the others for nothing: where
    some processes are at the ones and some at the others, no core is idle.
    """
    each = dict.fromkeys(files)
    place: dict[Path, float] = {}
    for of_kind, until in (
        ([file for file in each if file in slow], SLOW_UNTIL),
        ([file for file in each if file not in slow], 1.0),
    ):
        place |= {file: until * number / len(of_kind) for number, file in enumerate(of_kind)}
    return sorted(each, key=lambda file: (place[file], file not in slow))
