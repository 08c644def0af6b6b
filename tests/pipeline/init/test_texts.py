"""Folders of texts, as reviews and mails are shared."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.init.command import main


@pytest.mark.parametrize("asked", [("--images", "mails"), ("--table", "mails", "--label", "spam")])
@pytest.mark.parametrize("above", ["", "train/"])
@pytest.mark.usefixtures("in_a_folder")
def test_a_folder_of_texts_is_told_with_what_makes_a_table_of_it(
    capsys: pytest.CaptureFixture[str], asked: tuple[str, ...], above: str
):
    for name in ("ham/1.txt", "ham/2.txt", "spam/1.txt"):
        Path("mails", above + name).parent.mkdir(parents=True, exist_ok=True)
        Path("mails", above + name).write_text("You won, dear friend")
    assert main([*asked]) == 2
    said = capsys.readouterr().err
    assert "it seems to hold texts, a file each: make one CSV file" in said
    assert said.count("\n") == 1


@pytest.mark.usefixtures("in_a_folder")
def test_tables_beside_one_another_are_no_texts(capsys: pytest.CaptureFixture[str]):
    for number in range(4):
        Path("trips").mkdir(exist_ok=True)
        Path("trips", f"{number}.txt").write_text("a,b\n1,x\n")
    assert main(["--table", "trips", "--label", "tip"]) == 2
    assert "has no column 'tip'; it has a, b; mend --label" in capsys.readouterr().err
