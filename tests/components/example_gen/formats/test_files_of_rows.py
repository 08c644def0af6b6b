"""Cells that are paths of files, and what lies there."""

from __future__ import annotations

from pathlib import Path

import pytest

from components.example_gen.formats import files_of_rows
from components.example_gen.formats.files_of_rows import filled
from components.example_gen.formats.format import BadRow, Batch, Columns
from documents.cells.cell import Cell

COLUMNS = Columns(("photo", "mask", "label"), "label", of_files=("photo", "mask"))


@pytest.fixture
def table(tmp_path: Path) -> Path:
    (tmp_path / "in" / "a").mkdir(parents=True)
    (tmp_path / "in" / "a" / "1.png").write_bytes(b"one")
    (tmp_path / "in" / "2.png").write_bytes(b"two")
    (tmp_path / "out.png").write_bytes(b"out")
    (tmp_path / "in" / "link.png").symlink_to(tmp_path / "out.png")
    return tmp_path / "in" / "table.csv"


def read(table: Path, photos: list[Cell], masks: list[Cell], *bad: BadRow) -> Batch:
    rows = range(len(photos))
    cells = {"photo": photos, "mask": masks, "label": [f"l{row}" for row in rows]}
    return filled(Batch(str(table), [row + 2 for row in rows], cells, bad), COLUMNS)


def test_paths_give_way_to_what_lies_there(table: Path):
    found = read(table, ["a/1.png", " 2.png "], ["2.png", b"of a Parquet file"])
    assert found.cells == {
        "photo": [b"one", b"two"],
        "mask": [b"two", b"of a Parquet file"],
        "label": ["l0", "l1"],
    }
    assert (found.lines, found.bad) == ([2, 3], ())


def test_a_cell_without_a_path_is_missing(table: Path):
    assert read(table, [None, "  ", ""], [None, None, "2.png"]).cells["photo"] == [None] * 3


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("../out.png", "holds '../out.png', which is no path below the folder of the table"),
        (7, "holds '7', which is no path below the folder of the table"),
        ("link.png", "names link.png, which is a link that leaves the folder; put the file"),
        ("none.png", "names none.png, which cannot be read (No such file or directory)"),
        ("2.png\0", "names 2.png\\x00, which cannot be read"),
    ],
)
def test_a_row_whose_file_cannot_be_read_is_bad_and_no_other(table: Path, cell: Cell, reason: str):
    before = BadRow(str(table), 9, "has 1 cell")
    found = read(table, ["2.png", cell, "a/1.png"], ["2.png", "none.png", "2.png"], before)
    assert found.cells["photo"] == [b"two", b"one"]
    assert found.cells["label"] == ["l0", "l2"]
    assert found.lines == [2, 4]
    assert found.bad[0] == before
    [bad] = found.bad[1:]
    assert (bad.path, bad.line) == (str(table), 3)
    assert bad.reason.startswith(f"column photo {reason}")


def test_a_file_is_as_large_as_it_may_be(table: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(files_of_rows, "LARGEST", 1 << 20)
    file = table.with_name("large.png")
    file.write_bytes(bytes(1 << 20))
    assert read(table, ["large.png"], [None]).cells["photo"] == [bytes(1 << 20)]
    file.write_bytes(bytes((1 << 20) + 1))
    [bad] = read(table, ["large.png"], [None]).bad
    assert bad.reason == "column photo names large.png, which is larger than 1 MiB"
