"""Rows that a user's function yields."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from components.example_gen.formats.format import Columns, FormatError
from components.example_gen.formats.options import FormatOptions
from components.example_gen.formats.registry import format_of
from tests.models import user_file

COLUMNS = Columns(needed=("age", "photo"), label="age")
READS = """
import numpy as np

def examples(path):
    with open(path) as file:
        for line in file:
            age = np.int64(line)
            yield {"age": age, "photo": np.zeros((2, 2), np.uint8)} if age else "nothing"
"""


def read(folder: Path, source: str, content: str):
    path = folder / "ages.txt"
    path.write_text(content)
    function = user_file.write(folder, source, "examples")
    format_ = format_of("code", FormatOptions(), COLUMNS, function)
    [part] = format_.ranges(str(path), 1)
    return list(format_.batches(part))


def test_rows_have_numbers_and_arrays_and_those_that_are_none_are_bad(tmp_path: Path) -> None:
    [batch] = read(tmp_path, READS, "3\n0\n5\n")
    assert batch.cells["age"] == [3, 5]
    assert [type(cell) for cell in batch.cells["age"]] == [int, int]
    assert batch.cells["photo"][0].dtype == np.uint8
    assert batch.lines == [1, 3]
    [bad] = batch.bad
    assert (bad.line, bad.reason) == (2, "is a str instead of a dict of cells")


def test_what_it_raises_is_told_with_the_file_and_the_line(tmp_path: Path) -> None:
    said = r"ages\.txt: examples in users_\d+/mine\.py: mine\.py:7 in examples: .* ValueError"
    with pytest.raises(FormatError, match=said):
        read(tmp_path, READS, "3\nmany\n")


def test_it_has_to_be_a_generator(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="TypeError: 'NoneType' object is not iterable"):
        read(tmp_path, "def examples(path):\n    pass\n", "")


def test_a_folder_is_one_source_and_all_its_files_count(tmp_path: Path) -> None:
    for name in ("a/1.txt", "a/b/2.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    format_ = format_of("code", FormatOptions(), COLUMNS)
    folder = str(tmp_path / "a")
    assert format_.sources([folder]) == [folder]
    assert [*format_.contents(folder)] == [f"{folder}/1.txt", f"{folder}/b/2.txt"]
