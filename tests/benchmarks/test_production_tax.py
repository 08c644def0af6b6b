"""The targets and tables of the production tax."""

import io

from rich.console import Console

from benchmarks.production_tax import target_table, targets, usage_table
from benchmarks.usage import Usage


def _medians(c: float = 120.0) -> dict[str, Usage]:
    return {
        "a": Usage(100.0, 60.0, 900.0),
        "b": Usage(160.0, 120.0, 2_000.0),
        "c": Usage(c, 80.0, 1_100.0),
        "cached": Usage(8.0, 8.0, 800.0),
    }


def _text(table) -> str:
    console = Console(file=io.StringIO(), width=120)
    console.print(table)
    return console.file.getvalue()


def test_ratios_are_taken_from_the_medians():
    found = {target.name: target for target in targets(_medians(), 0.93)}
    assert found["production tax, CPU c / a"].value == 1.2
    assert found["overhead beside stock, (c - a) / (b - a)"].value == 20 / 60
    assert all(target.met for target in found.values())


def test_a_dear_pipeline_and_a_poor_model_miss_their_targets():
    missed = [target.name for target in targets(_medians(c=130.0), 0.91) if not target.met]
    assert missed == [
        "production tax, CPU c / a",
        "overhead beside stock, (c - a) / (b - a)",
        "test accuracy through the pushed model",
    ]
    table = _text(target_table(targets(_medians(c=130.0), 0.91)))
    assert table.count("missed") == 3
    assert "≥ 0.92" in table


def test_the_table_names_every_contender():
    table = _text(usage_table(_medians()))
    for name in ("(a) plain script", "(b) stock TFX wiring", "(c) this pipeline", "cached"):
        assert name in table
