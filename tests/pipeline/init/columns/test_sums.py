"""Labels that are made of several columns."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from pipeline.init.columns.sums import parts_of

MADE = random.Random(0)
ROWS = 300
COLUMNS = {
    "casual": [float(MADE.randrange(300)) for _ in range(ROWS)],
    "registered": [float(MADE.randrange(900)) for _ in range(ROWS)],
    "temp": [round(MADE.random(), 2) for _ in range(ROWS)],
    "same": [1.0] * ROWS,
    "gaps": [MADE.random() if MADE.random() < 0.9 else float("nan") for _ in range(ROWS)],
    "empty": [float("nan")] * ROWS,
}


def label(made_of: Callable[..., float]) -> list[float]:
    return [made_of(*row) for row in zip(*COLUMNS.values(), strict=True)]


@pytest.mark.parametrize(
    ("made_of", "parts"),
    [
        (lambda casual, registered, *_: casual + registered, ["casual", "registered"]),
        (
            lambda casual, registered, *_: round((casual - registered) / 3, 2),
            ["casual", "registered"],
        ),
        (lambda a, b, temp, *_: round(0.3 * a + 0.7 * b - 40 * temp + 7, 1), [*COLUMNS][:3]),
        (lambda casual, *_: casual * 3, []),
        (lambda casual, registered, *_: casual + registered + MADE.gauss(0, 5), []),
        (lambda casual, registered, *_: casual * registered, []),
        (lambda *_: 5.0, []),
    ],
)
def test_columns_that_make_a_label_together_are_found(
    made_of: Callable[..., float], parts: list[str]
) -> None:
    assert parts_of(COLUMNS, label(made_of)) == parts


def test_few_rows_and_many_columns_tell_nothing() -> None:
    total = label(lambda casual, registered, *_: casual + registered)
    few = {name: cells[:40] for name, cells in COLUMNS.items()}
    assert parts_of(few, total[:40]) == []
    assert parts_of({"casual": COLUMNS["casual"]}, total) == []
    assert parts_of({}, total) == []
    assert parts_of({"a": [], "b": []}, []) == []
    many = {f"x{of}": [MADE.random() for _ in range(ROWS)] for of in range(12)}
    whole = [sum(row) for row in zip(*many.values(), strict=True)]
    assert parts_of(many, whole) == []
