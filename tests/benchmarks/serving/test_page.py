"""The figures in docs/serving.md are those of the last measurement."""

from __future__ import annotations

import json
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[3]


def test_the_table_is_that_of_the_results():
    targets = json.loads((REPOSITORY / "benchmarks/results/serving.json").read_text())["targets"]
    expected = [
        "| {name} | {value:.3g}{missed} | {sign} {limit:g} |".format(
            **target,
            missed="" if target["met"] else " (missed)",
            sign="≥" if target["at_least"] else "≤",
        )
        for target in targets
    ]
    page = (REPOSITORY / "docs/serving.md").read_text()
    speed = page.split("## Speed", 1)[1].split("\n## ", 1)[0]
    table = [line for line in speed.splitlines() if line.startswith("|")][2:]
    assert table == expected, "docs/serving.md, Speed, should have:\n" + "\n".join(expected)
