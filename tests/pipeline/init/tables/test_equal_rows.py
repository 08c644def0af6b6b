"""Rows that stand twice in a table."""

from __future__ import annotations

import math

import pytest

from components.example_gen.formats.format import Batch
from documents.cells.cell import Cell
from pipeline.init.tables.equal_rows import EqualRows


def _counted(cells: list[Cell], labels: list[Cell], *, path: str = "t.csv") -> tuple[int, int]:
    equal = EqualRows(["a"], "b")
    for cell, label in zip(cells, labels, strict=True):
        equal.add(Batch(path, [1], {"a": [cell], "b": [label]}))
    return equal.duplicates, equal.contradictions


@pytest.mark.parametrize(
    ("cells", "duplicates"),
    [
        (["1", "1.0", "1"], 1),
        ([-1, -2, -1.0, 1, True, "1"], 0),
        ([2**61 - 1, 0, None, math.inf], 0),
        ([b"x", b"x", [1, "a"], [1, "a"]], 2),
        ([None, None, ""], 1),
    ],
)
def test_cells_are_equal_that_are_written_alike(cells: list[Cell], duplicates: int) -> None:
    assert _counted(cells, ["x"] * len(cells)) == (duplicates, 0)


def test_rows_of_another_label_contradict() -> None:
    assert _counted(["1", "1", "2", "1"], ["x", "y", "y", "x"]) == (2, 1)


def test_a_path_is_one_from_the_folder_of_its_table_on() -> None:
    equal = EqualRows(["a"], "b")
    for folder in ("train", "test", "train"):
        equal.add(Batch(f"{folder}/t.csv", [1], {"a": ["0.png"], "b": ["x"]}), {"a"})
    assert equal.duplicates == 1
