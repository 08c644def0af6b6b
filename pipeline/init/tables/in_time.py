"""Whether the rows of a table stand in the order of a date, as logs and prices do. Pure."""

from __future__ import annotations

import datetime
import itertools
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from documents.cells.cell import CellError
from documents.cells.dates import moment
from pipeline.init.columns.column import Column

_ROWS = 2_000
_FEWEST = 30
"""Different moments; fewer stand in order by chance, or are years."""
_EVAL, _TEST = 0.8, 0.9
"""Shares of the rows before which those of the splits begin."""


def split_in_time(
    features: Sequence[Column], sample: Mapping[str, Sequence[Any]], ignored: Collection[str]
) -> dict[str, str]:
    """`data.split` as it keeps later rows for the evaluation; nothing where no date tells an order.

    Args:
      sample: the first cells of each column, texts or None.
    """
    for column in features:
        kind = column.proposal[0]
        if kind["kind"] != "date" or column.name in ignored or column.overflows:
            continue
        form = kind.get("format")
        first = [cell for cell in sample[column.name][:_ROWS] if cell is not None]
        moments = [of for of in (_moment(cell, form) for cell in first) if of]
        if len({*moments}) < _FEWEST or not _are_in_order(moments):
            continue
        limits = _limits(column, form)
        if limits:
            found = {"by": "time", "column": column.name, **limits}
            return found | ({"format": form} if form else {})
    return {}


def _moment(cell: str, form: str | None) -> datetime.datetime | None:
    try:
        return moment(cell, form)
    except CellError:
        return None


def _are_in_order(moments: Sequence[datetime.datetime]) -> bool:
    pairs = [*itertools.pairwise(moments)]
    return all(a <= b for a, b in pairs) or all(a >= b for a, b in pairs)


def _limits(column: Column, form: str | None) -> dict[str, str]:
    """From when on rows are of the evaluation, and of the test; nothing where there is no such."""
    counts = {of: n for cell, n in column.values.items() if (of := _moment(cell, form))}
    total, before = sum(counts.values()), 0
    found: list[datetime.datetime] = []
    for at in sorted(counts):
        if len(found) < 2 and before >= (_EVAL, _TEST)[len(found)] * total:
            found.append(at)
        before += counts[at]
    if len(found) < 2:
        return {}
    are_days = all(of.time() == datetime.time() for of in counts)
    texts = [(of.date() if are_days else of).isoformat() for of in found]
    return {"eval_from": texts[0], "test_from": texts[1]}
