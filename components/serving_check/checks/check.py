"""One row of the report, and the sentence about the rows that fail."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence


@dataclasses.dataclass(frozen=True)
class Check:
    """What was expected of the candidate and what was found."""

    name: str
    ok: bool
    expected: str
    found: str


def refusal(checks: Sequence[Check]) -> str | None:
    """One sentence on the first check that fails, and how many more there are; None if all pass."""
    failing = [check for check in checks if not check.ok]
    if not failing:
        return None
    first, *others = failing
    found = first.found.rstrip(".")
    if others:
        found += f"; {len(others)} more check{'s fail' if len(others) > 1 else ' fails'}"
    return f"ServingCheck: {first.name}: expected {first.expected}, found {found}."
