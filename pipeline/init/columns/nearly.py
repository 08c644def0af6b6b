"""Columns in which most cells are numbers, though some are not. Pure."""

from __future__ import annotations

import dataclasses
import re
from collections import Counter
from collections.abc import Mapping

from documents.cells.cell import shown
from documents.cells.notation import Notation, notations
from pipeline.init.columns import missing

TO_COMPARE = 20
"""Cells whose notations are tried on all others."""
WHOLE = re.compile(r"[+-]?(\d+)(?:\.0*)?", re.ASCII)
_MOST_ODD = 0.2
"""Share of cells that are no numbers in a column that may have been meant to hold some."""


@dataclasses.dataclass(frozen=True)
class Nearly:
    """A notation in which most cells are numbers."""

    notation: Notation
    share: float
    """Of the cells that are none."""
    example: str | None
    """One of them; None where all of them stand for nothing."""
    filled: int
    is_whole: bool
    """Whether no number has a fraction."""
    nothing: Mapping[str, int]
    """Words for nothing, with the cells of each, which do not count as none."""

    @property
    def bad(self) -> int:
        """How many cells are none."""
        return max(1, round(self.share * self.filled)) if self.example else 0

    @property
    def said(self) -> str:
        """As a sentence has it."""
        if self.example is None:
            return "every other cell is a number"
        return (
            f"{self.bad:,} of {self.filled:,} cells are no numbers, such as {shown(self.example)}"
        )


def nearly(values: Counter[str], filled: int) -> Nearly | None:
    """How most of the values are numbers; None where that is not so, or where all are.

    Args:
      values: cells that are not missing; of many different ones the first.
      filled: how many cells are not missing.
    """
    if len(values) < TO_COMPARE:
        return None
    counted = sum(values.values())
    best: Nearly | None = None
    usual = [cell for cell, _ in values.most_common(TO_COMPARE)]
    for notation in {of: None for cell in usual for of in notations(cell)[:2]}:
        bad = [cell for cell in values if not notation.reads(cell)]
        if any(map(str.isdigit, bad)):  # codes that begin with 0
            continue
        nothing = missing.words({cell: values[cell] for cell in bad}, counted)
        odd = [cell for cell in bad if cell not in nothing]
        share = sum(values[cell] for cell in odd) / counted
        if bad and share <= _MOST_ODD and (best is None or share < best.share):
            numbers = (notation.plain(cell) for cell in values if notation.reads(cell))
            is_whole = all(map(WHOLE.fullmatch, numbers))
            best = Nearly(notation, share, odd[0] if odd else None, filled, is_whole, nothing)
    return best
