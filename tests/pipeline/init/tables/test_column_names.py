"""Tables without a line of names."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.init.command import main
from pipeline.init.tables.column_names import column_names
from pipeline.preflight.preflight import check_data, gather_data
from pipeline.settings import load_settings

pytestmark = pytest.mark.usefixtures("in_a_folder")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("length, width,kind", ["length", "width", "kind"]),
        ('"a, b",kind', ["a, b", "kind"]),
        ('kind, "a, b"', ["kind", "a, b"]),
        ("kind,x1..x3", ["kind", "x1", "x2", "x3"]),
        ("x_8..x_11,kind,1..2", ["x_8", "x_9", "x_10", "x_11", "kind", "1", "2"]),
        ("a1..b3,kind", ["a1..b3", "kind"]),
    ],
)
def test_names_stand_with_commas_between(text: str, names: list[str]) -> None:
    assert column_names(text, "kind") == names


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a,b", "does not name the label kind"),
        ("a,a,kind", "names a twice"),
        ("x1..x3,x2,kind", "names x2 twice"),
        ("a,,kind", "leaves a column without a name"),
        ("", "leaves a column without a name"),
        ("x3..x1,kind", r"--columns x3\.\.x1 is no range of 1 to 10,000 names; the lower number"),
        ("kind, x1..x10001", r"x1\.\.x10001 is no range"),
    ],
)
def test_names_that_cannot_be_are_told(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        column_names(text, "kind")


def test_a_table_without_names_is_read_by_those_that_are_given(
    capsys: pytest.CaptureFixture[str],
) -> None:
    rows = [f"{row / 7:.1f};{row % 5};{'ab'[row % 2]};" for row in range(60)]
    Path("iris.data").write_text("\n".join(rows))
    assert main(["--table", "iris.data", "--label", "kind"]) == 2
    said = capsys.readouterr().err
    assert "--columns" in said
    assert said.count("\n") == 1
    names = ["--label", "kind", "--columns"]
    assert main(["--table", "iris.data", *names, ""]) == 2
    assert "leaves a column without a name" in capsys.readouterr().err
    assert main(["--table", "iris.data", *names, "length,petals,kind"]) == 0
    assert "rows           60, of 3 columns" in capsys.readouterr().out
    settings = load_settings(Path("iris/settings.yaml"))
    check_data(settings, gather_data(settings))
    assert settings.data.csv.columns == ["length", "petals", "kind"]
    assert main(["--table", "iris.data", *names, "length,kind", "--force"]) == 2
    said = capsys.readouterr().err
    assert "has 4 cells instead of 2); name as many with --columns." in said
    Path("t.jsonl").write_text('{"a": 1, "kind": "x"}\n')
    assert main(["--table", "t.jsonl", *names, "a,kind"]) == 2
    assert "has names of its own; leave --columns out" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["--images", "photos", "--columns", "a"])


def test_a_row_that_says_a_word_twice_may_be_no_header(capsys: pytest.CaptureFixture[str]) -> None:
    rows = [f"{row + 20}, ?, {row % 7}, ?, {'ab'[row % 2]}" for row in range(60)]
    Path("adult.data").write_text("\n".join(rows))
    assert main(["--table", "adult.data", "--label", "kind"]) == 2
    assert "twice (columns 2 and 4); rename one of them, or name all columns with --columns" in (
        capsys.readouterr().err
    )
    asked = ["--table", "adult.data", "--label", "kind", "--columns", "age,work,hours,job,kind"]
    assert main(asked) == 0
    assert "format         csv, columns as they are given" in capsys.readouterr().out


def test_a_table_called_as_its_settings_would_be_is_left_alone() -> None:
    Path("Spam").write_text(
        "".join(f"{'ab'[row % 2]}\tcall me {row} times for free\n" for row in range(60))
    )
    assert main(["--table", "Spam", "--label", "kind", "--columns", "kind,text"]) == 0
    assert Path("Spam_model/settings.yaml").is_file()
