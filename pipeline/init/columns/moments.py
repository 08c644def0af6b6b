"""Columns in which most cells are dates or times of day, though some are not. Pure."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Mapping
from typing import Any

from documents.cells.cell import CellError
from documents.cells.times import time_of_day
from models.features.date.kind import Date
from pipeline.init.columns import dates, missing
from pipeline.init.columns.nearly import TO_COMPARE

_FEWEST = 3
"""Different dates or times."""
_MOST_ODD = 0.02
"""Share of cells that are none, and do not stand for nothing; their rows are left out."""
_MOST_NOTHING = 0.6
"""Share of cells that are a word among dates or times, which can hardly be another date."""


@dataclasses.dataclass(frozen=True)
class Moments:
    """How most cells are dates or times."""

    kind: Mapping[str, Any]
    """As the settings have it, but for `missing`."""
    why: str
    share: float
    """Of the cells that are none."""
    nothing: Mapping[str, int]
    """Words for nothing, with the cells of each."""


def is_time(cell: str) -> bool:
    """Whether a cell is a time of day, such as 14:30."""
    try:
        return time_of_day(cell) is not None
    except CellError:
        return False


def moments(values: Counter[str]) -> Moments | None:
    """How most of the values are dates, or times; None where that is not so, or where all are.

    Args:
      values: cells that are not missing; of many different ones the first.
    """
    usual = [cell for cell, _ in values.most_common(TO_COMPARE)]
    timed = [cell for cell in usual if is_time(cell)]
    if len(timed) >= _FEWEST:
        bad = {cell: count for cell, count in values.items() if not is_time(cell)}
        return _moments(values, bad, {"kind": "time"}, "times of day")
    for first in usual:
        kinds = dates.possible(first)
        if not kinds:
            continue
        bad = {}
        for cell, count in values.items():
            left = [each for each in kinds if dates.reads(each, cell)]
            if left:
                kinds = left
            else:
                bad[cell] = count
        return _moments(values, bad, *_declared(kinds))
    return None


def _declared(kinds: list[Date]) -> tuple[Mapping[str, Any], str]:
    form = kinds[0].format
    if form is None:
        return {"kind": "date"}, "dates"
    others = "".join(f", or {kind.format}, which reads them too: choose" for kind in kinds[1:2])
    return {"kind": "date", "format": form}, f"dates written {form}{others}"


def _moments(
    values: Counter[str], bad: Mapping[str, int], kind: Mapping[str, Any], what: str
) -> Moments | None:
    filled = values.total()
    nothing = missing.words(bad, filled, _MOST_NOTHING)
    odd = {cell: count for cell, count in bad.items() if cell not in nothing}
    share = sum(odd.values()) / filled
    if not bad or len(values) - len(bad) < _FEWEST or share > _MOST_ODD:
        return None
    some = f"; {sum(odd.values()):,} are none, such as {next(iter(odd))!r}" if odd else ""
    return Moments(kind, f"nearly all cells are {what}{some}", share, nothing)
