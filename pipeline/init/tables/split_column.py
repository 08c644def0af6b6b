"""A column of a table that says which split a row belongs to: whoever put a test set apart does not
want it to be learned from. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from components.example_gen.shards import EVAL, TRAIN
from components.example_gen.splits import SPLITS, split_called
from pipeline.init.columns.column import Column
from pipeline.init.images.images import FEWEST_TO_JUDGE


def split_column(columns: Sequence[Column]) -> tuple[str, Counter[str]] | None:
    """The first column each of whose cells names a split, train among them, and the rows of each
    split; None where there is none."""
    for column in columns:
        rows: Counter[str] = Counter()
        for value, count in column.values.items():
            rows[split_called(value) or ""] += count
        is_one = not (column.missing or column.overflows or "" in rows)
        if is_one and len(rows) > 1 and TRAIN in rows:
            return column.name, Counter({split: rows[split] for split in SPLITS if split in rows})
    return None


def needs_eval(rows: Counter[str]) -> bool:
    """Whether some rows of train have to be kept for the evaluation."""
    return rows[EVAL] < FEWEST_TO_JUDGE
