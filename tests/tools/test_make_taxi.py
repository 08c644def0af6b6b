"""The table of configs/taxi.yaml, and whether its settings fit it."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from components.example_gen.formats.registry import format_of
from components.example_gen.rows.encoder import columns_of
from pipeline.rows_data import check_rows
from pipeline.settings import REPOSITORY, load_settings
from tools.make_taxi import big_tipper, make_taxi, source


@pytest.mark.parametrize(
    ("tips", "fare", "label"),
    [
        *(("2.01", "10", "yes"), ("2", "10", "no"), ("0.0", "12.45", "no")),
        *(("", "10", "no"), ("2", "", "no"), ("1", "0", "yes")),
    ],
)
def test_who_tips_more_than_a_fifth_tips_well(tips: str, fare: str, label: str) -> None:
    assert big_tipper(tips, fare) == label


def test_the_settings_fit_the_table(tmp_path: Path) -> None:
    table = tmp_path / "trips.csv"
    assert make_taxi(source(), table) == 15_002
    assert [path.name for path in tmp_path.iterdir()] == ["trips.csv"]
    settings = load_settings(REPOSITORY / "configs" / "taxi.yaml", [f"data.files={table}"])
    check_rows(settings.data, settings.declaration)

    with table.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert set(rows[0]) == {*settings.features, settings.label.name}
    assert sum(row["big_tipper"] == "yes" for row in rows) == 3_374
    assert "tips" not in settings.declaration.used
    columns = columns_of(settings.declaration, settings.data.split)
    format_ = format_of(settings.data.format, settings.data.rows.options, columns)
    [one] = format_.ranges(str(table), 1 << 30)
    assert not [bad for batch in format_.batches(one) for bad in batch.bad]
    for name, kind in {**settings.declaration.used, "big_tipper": settings.label}.items():
        for cell in {row[name] for row in rows}:
            kind.value(cell)
