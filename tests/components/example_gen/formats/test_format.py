"""A later span whose columns stand otherwise is the same to a model, or told in one sentence."""

from __future__ import annotations

import csv
import dataclasses
import json
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from components.example_gen.formats.format import Columns, FormatError
from components.example_gen.formats.options import FormatOptions
from components.example_gen.formats.registry import FORMATS
from documents.cells.cell import text_of

DECLARED = ("fare (€)", "town/Ort", "ラベル")
ROWS = [
    {"fare (€)": 3.5, "town/Ort": "Köln", "ラベル": "no"},
    {"fare (€)": 5.25, "town/Ort": "日本", "ラベル": "yes"},
]
Rows = Sequence[Mapping[str, Any]]


def _csv(path: Path, rows: Rows) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, [*rows[0]])
        table.writeheader()
        table.writerows(rows)


def _jsonl(path: Path, rows: Rows) -> None:
    path.write_text("\n".join(json.dumps(row) for row in rows))


def _parquet(path: Path, rows: Rows) -> None:
    parquet.write_table(pa.Table.from_pylist(list(rows)), path)


WRITERS = {"csv": _csv, "jsonl": _jsonl, "parquet": _parquet}
of_each_format = pytest.mark.parametrize("name", WRITERS)


def _undeclared(name: str, path: Path) -> list[str]:
    columns = Columns(DECLARED, DECLARED[-1], known=frozenset(DECLARED))
    return FORMATS[name](FormatOptions(), columns).undeclared(str(path))


def _renamed(row: Mapping[str, Any], old: str, new: str) -> dict[str, Any]:
    return {new if name == old else name: cell for name, cell in row.items()}


@of_each_format
def test_a_name_whose_letters_were_taken_apart_is_told_as_that(tmp_path: Path, name: str) -> None:
    path = tmp_path / f"later.{name}"
    WRITERS[name](path, [{unicodedata.normalize("NFD", "Größe"): "1", "y": "no"}])
    settings = Columns(("Größe", "y"), "y", known=frozenset({"Größe", "y"}))
    first = dataclasses.replace(settings, are_looked_at=True)
    for columns, where in ((settings, "the settings"), (first, "the first file")):
        said = rf"two parts, as Macs write them, .*: write it as it stands in {where}\.$"
        with pytest.raises(FormatError, match=said):
            FORMATS[name](FormatOptions(), columns).names(str(path))


@of_each_format
def test_a_column_that_the_first_file_alone_has_is_told_without_settings(
    tmp_path: Path, name: str
) -> None:
    path = tmp_path / f"later.{name}"
    WRITERS[name](path, [{"fares": 1, "y": "no"}, {"fares": 2, "y": "yes"}])
    for feature, said in (
        ("fare", "if it is 'fares' now, rename it there or in the first file."),
        ("town", "it has fares, y; the first file has it: mend this one, or leave it out."),
    ):
        columns = Columns((feature, "y"), "y", known=frozenset({feature, "y"}), are_looked_at=True)
        with pytest.raises(FormatError, match=re.escape(said)):
            FORMATS[name](FormatOptions(), columns).names(str(path))


@of_each_format
def test_another_order_and_a_new_column_change_nothing(
    tmp_path: Path, read: Callable[..., Any], name: str
):
    found = []
    later = [{"new 😀": 1, **dict(reversed(row.items()))} for row in ROWS]
    for span, rows in ((1, ROWS), (2, later)):
        path = tmp_path / f"span-{span}.{name}"
        WRITERS[name](path, rows)
        cells, _, bad = read(name, [path], *DECLARED)
        assert not bad
        found.append([[text_of(cell) for cell in row] for row in cells])
    assert found == [[["3.5", "Köln", "no"], ["5.25", "日本", "yes"]]] * 2
    assert _undeclared(name, path) == ["new 😀"]


@of_each_format
@pytest.mark.parametrize(
    ("changed", "why"),
    [
        (
            [{key: cell for key, cell in row.items() if key != "town/Ort"} for row in ROWS],
            "has no column 'town/Ort'; it has fare (€), ラベル; mend the file, or features",
        ),
        (
            [_renamed(row, "town/Ort", "Town/ort") for row in ROWS],
            "has no column 'town/Ort'; if it is 'Town/ort' now, rename it there or in the settings",
        ),
        (
            [_renamed(row, "ラベル", "label") for row in ROWS],
            "it has fare (€), town/Ort, label; if it is 'label' now, rename it there or in the set",
        ),
    ],
    ids=["lost", "renamed a little", "renamed"],
)
def test_a_lost_or_renamed_column_is_told(
    tmp_path: Path, read: Callable[..., Any], name: str, changed: Rows, why: str
):
    path = tmp_path / f"span-2.{name}"
    WRITERS[name](path, changed)
    with pytest.raises(FormatError) as refused:
        read(name, [path], *DECLARED)
    assert why in str(refused.value)
    assert "\n" not in str(refused.value)
