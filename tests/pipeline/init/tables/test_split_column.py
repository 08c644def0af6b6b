"""Columns that say which split a row belongs to."""

from __future__ import annotations

from collections import Counter

import pytest

from pipeline.init.columns.column import Column
from pipeline.init.tables.split_column import needs_eval, split_column


def column(name: str, *cells: object) -> Column:
    made = Column(name)
    made.add(cells)
    return made


def test_the_first_column_whose_cells_all_name_splits() -> None:
    part = column("part", "train", "Train", "val", "TEST", "training")
    assert split_column([column("a", 1, 2), part, column("q", "train", "test")]) == (
        "part",
        Counter(train=3, eval=1, test=1),
    )


@pytest.mark.parametrize(
    "cells",
    [
        ["train", "train"],
        ["test", "eval"],
        ["train", "bus", "test"],
        ["train", None, "test"],
        [1, 2],
    ],
)
def test_columns_that_may_be_anything(cells: list[object]) -> None:
    assert split_column([column("a", *cells)]) is None


def test_few_rows_for_the_evaluation_are_too_few() -> None:
    assert needs_eval(Counter(train=100, eval=29))
    assert not needs_eval(Counter(train=100, eval=30))
