"""The last row of a table that sums up the others."""

from __future__ import annotations

import pytest

from components.example_gen.formats.format import Batch
from pipeline.init.tables.totals import without_total


def batches(*last: str, rows: int = 9, size: int = 4) -> list[Batch]:
    cells = [(f"2026-01-0{n + 1}", "N", str(n)) for n in range(rows)]
    cells += [tuple(last)] if last else []  # type: ignore[list-item]
    made = []
    for at in range(0, len(cells), size):
        some = cells[at : at + size]
        columns = dict(zip(("day", "region", "units"), zip(*some, strict=True), strict=True))
        made.append(Batch("t.csv", [*range(at + 2, at + 2 + len(some))], columns))
    return made


@pytest.mark.parametrize("size", [1, 4, 100])
@pytest.mark.parametrize("word", ["Total", "TOTAL:", " Gesamt ", "合计"])
def test_it_is_taken_away_and_told(word: str, size: int) -> None:
    totals: list[tuple[int | None, str]] = []
    left = [*without_total(batches(word, "", "36", size=size), totals)]
    assert totals == [(11, word.strip())]
    assert [line for batch in left for line in batch.lines] == [*range(2, 11)]
    assert [cell for batch in left for cell in batch.cells["units"]] == [*map(str, range(9))]


@pytest.mark.parametrize(
    "made",
    [
        batches(),
        batches("2026-01-10", "S", "9"),
        batches("Total", "", "3", rows=3),
        [*batches("2026-01-10", "total", "9", size=20), *batches("2026-01-11", "total", "9")],
        [],
    ],
    ids=["none", "a row", "few rows", "a category", "nothing"],
)
def test_other_rows_stay(made: list[Batch]) -> None:
    totals: list[tuple[int | None, str]] = []
    assert [*without_total(made, totals)] == made
    assert totals == []
