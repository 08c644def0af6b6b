"""Files of a table of which some have no label."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from components.example_gen.formats.format import FormatError
from pipeline.init.command import main
from pipeline.init.tables.unlabelled import demand_label

pytestmark = pytest.mark.usefixtures("in_a_folder")


def test_files_that_all_have_it_or_of_which_none_has_it_are_left_to_others() -> None:
    demand_label({"a": ["x", "y"], "b": ["y"]}, "y")
    demand_label({"a": ["x"], "b": []}, "y")


def test_those_with_all_columns_are_named() -> None:
    files = {"a b.csv": ["x", "y", "z"], "c.csv": ["x", "z"], "s.csv": ["x", "y"]}
    said = "c.csv has no column 'y', so nothing can be learned of it: take the files that have all"
    with pytest.raises(FormatError, match=re.escape(f"{said} columns, with --table 'a b.csv'.")):
        demand_label(files, "y")
    many = {"t": ["x"]} | {f"{of}": ["x", "y"] for of in range(5)}
    with pytest.raises(FormatError, match=re.escape("--table 0 1 2 and 2 more.")):
        demand_label(many, "y")


def test_the_folder_of_a_competition(capsys: pytest.CaptureFixture[str]) -> None:
    Path("titanic").mkdir()
    rows = [f"{of},{of % 7},{of % 2}" for of in range(60)]
    Path("titanic/train.csv").write_text("\n".join(["id,age,survived", *rows]))
    Path("titanic/test.csv").write_text("\n".join(["id,age", "1,2"]))
    Path("titanic/submission.csv").write_text("\n".join(["id,survived", "1,0"]))
    both = ["titanic/train.csv", "titanic/test.csv"]
    for table in (["titanic"], both, both[::-1]):
        assert main(["--table", *table, "--label", "survived", "--name", "t"]) == 2
        [said] = capsys.readouterr().err.splitlines()
        assert "test.csv has no column 'survived', so nothing can be learned of it" in said
    command = re.search("--table (.+)[.]$", said)
    assert command
    assert command[1].endswith("/titanic/train.csv")
    assert main(["--table", command[1], "--label", "survived", "--name", "t"]) == 0
