"""The last row of a table that sums up the others, as spreadsheets write one. Pure."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from components.example_gen.formats.format import Batch
from documents.cells.cell import Cell

_CALLED = frozenset(
    {
        *("total", "totals", "grand total", "sum", "subtotal", "average", "mean", "overall"),
        *("summe", "gesamt", "gesamtsumme", "insgesamt", "durchschnitt", "mittelwert"),
        *("somme", "totaux", "total général", "moyenne", "suma", "total general", "promedio"),
        *("totale", "soma", "média", "totaal", "razem", "summa", "итого", "всего", "合计", "总计"),
        *("合計", "計", "平均", "합계", "المجموع", "toplam"),
    }
)
"""What such a row is called, in lower case."""
_OF_NUMBERS = b"0123456789+-.eE \n"
_FEWEST = 5
"""Rows above; of fewer nothing can be said."""


def without_total(
    batches: Iterable[Batch], totals: list[tuple[int | None, str]]
) -> Iterator[Batch]:
    """The batches without the last row, if it sums up the others; then it is added to `totals`."""
    held: Batch | None = None
    rows = 0
    seen: Counter[tuple[str, str]] = Counter()
    for batch in batches:
        if held is not None:
            yield held
        held, rows = batch, rows + len(batch.lines)
        for name, cells in batch.cells.items():
            if _hold_words(cells):
                seen.update((name, word) for word in map(_called, cells) if word)
    if held is None:
        return
    last = {name: cells[-1] for name, cells in held.cells.items() if held.lines}
    found = [cell for name, cell in last.items() if seen[name, _called(cell) or ""] == 1]
    if rows > _FEWEST and found:
        totals.append((held.lines[-1], str(found[0]).strip()))
        held = dataclasses.replace(
            held,
            lines=held.lines[:-1],
            cells={name: cells[:-1] for name, cells in held.cells.items()},
            paths=held.paths[:-1] if held.paths else None,
        )
    yield held


def _hold_words(cells: Sequence[Cell]) -> bool:
    """Whether any cell has another sign than numbers have: of these none needs a look."""
    signs = "".join([cell for cell in cells if isinstance(cell, str)])
    return bool(signs.encode("utf-8", "replace").translate(None, _OF_NUMBERS))


def _called(cell: Cell) -> str | None:
    text = cell.strip().rstrip(":").strip().lower() if isinstance(cell, str) else ""
    return text if text in _CALLED else None
