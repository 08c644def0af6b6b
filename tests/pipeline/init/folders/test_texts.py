"""Folders of texts, as reviews and mails are shared."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.init.command import main
from pipeline.settings import REPOSITORY, load_settings


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
@pytest.mark.parametrize("asked", [("--images", "news"), ("--table", "news", "--label", "group")])
@pytest.mark.parametrize("name", ["51{}", "0000{}.7c53", "{}.eml"])
def test_mails_without_an_ending_are_texts(
    capsys: pytest.CaptureFixture[str], asked: tuple[str, ...], name: str
):
    for number in range(6):
        path = Path("news", ("sci.space", "rec.autos")[number % 2], name.format(number))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"From: a@b.c\nSubject: na\xefve orbits\n")
    assert main([*asked]) == 2
    assert "it seems to hold texts, a file each: make one CSV file" in capsys.readouterr().err


@pytest.mark.usefixtures("in_a_folder")
def test_files_of_bytes_are_no_texts(capsys: pytest.CaptureFixture[str]):
    for number in range(6):
        path = Path("scans", "ab"[number % 2], str(number))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"DICM \0\0\0")
    assert main(["--images", "scans"]) == 2
    assert "seems to hold texts" not in capsys.readouterr().err


@pytest.mark.usefixtures("in_a_folder")
def test_tables_beside_one_another_are_no_texts(capsys: pytest.CaptureFixture[str]):
    for number in range(4):
        Path("trips").mkdir(exist_ok=True)
        Path("trips", f"{number}.txt").write_text("a,b\n1,x\n")
    assert main(["--table", "trips", "--label", "tip"]) == 2
    assert "has no column 'tip'; it has a, b; mend --label" in capsys.readouterr().err


@pytest.mark.usefixtures("in_a_folder")
def test_the_page_has_the_command_that_makes_a_table_of_them():
    texts = {"ham/1.txt": 'Dear friend,\n"yes"; no', "ham/2.txt": "Grüße", "spam/1.txt": "You won"}
    for number, (name, text) in enumerate([*texts.items()] * 4):
        path = Path("mails", name).with_stem(str(number))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{text} {number}", encoding="utf-8")
    page = (REPOSITORY / "docs" / "data.md").read_text(encoding="utf-8")
    section = page.partition("### A folder of texts")[2]
    [block] = section.split("```")[1:2]
    make, init = block.strip().splitlines()
    python, *words = shlex.split(make.replace("'PATTERN'", "'mails/*/*.txt'"))
    assert python == "python"
    subprocess.run([sys.executable, *words], check=True)
    assert main(shlex.split(init.partition(" init ")[2])) == 0
    settings = load_settings(Path("texts/settings.yaml"))
    assert settings.features["text"].kind == "text"
    assert settings.label.kind == "classes"
    assert sorted(settings.label.values) == ["ham", "spam"]
