"""Single numbers far from all others."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from pipeline.init.columns.far import far
from pipeline.init.command import main

MADE = random.Random(0)
PRICES = [round(MADE.lognormvariate(12, 0.5)) for _ in range(400)]


@pytest.mark.parametrize(
    ("odd", "found"),
    [
        ([10_000_000_000], [10_000_000_000]),
        ([-(10**8)], [-(10**8)]),
        ([10**9, -(10**8), 10**9 + 1], [10**9 + 1, 10**9, -(10**8)]),
        ([], []),
        ([max(PRICES) * 3], []),
        ([10**9 + of for of in range(5)], []),
    ],
)
def test_what_is_many_ranges_away_is_found(odd: list[float], found: list[float]) -> None:
    assert far([*PRICES, *odd]) == found


def test_few_numbers_and_those_of_many_sizes_have_none() -> None:
    assert far([1, 2, 3, 10**9]) == []
    assert far([MADE.lognormvariate(0, 3) for _ in range(2_000)]) == []
    assert far([]) == []


@pytest.mark.usefixtures("in_a_folder")
def test_a_label_with_one_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    rows = [f"{of % 9},${price:,}" for of, price in enumerate([*PRICES, 10_000_000_000])]
    lines = "\n".join(["rooms;price", *(row.replace(",", ";", 1) for row in rows)])
    Path("t.csv").write_text(lines)
    assert main(["--table", "t.csv", "--label", "price"]) == 0
    said = capsys.readouterr().out
    assert "far?           price: 1e+10, far from all others, so that the mean" in said
