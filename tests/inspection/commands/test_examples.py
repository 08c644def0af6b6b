"""What a model answered worst, and rows of the data, in the terminal."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from documents.terminal.counted import counted
from inspection.__main__ import main
from tests.inspection.worst_answers import write_store


@pytest.fixture
def root(memory_path: Path) -> Path:
    return write_store(memory_path / "root")


@pytest.fixture
def ask(root, capsys):
    def run(*arguments: str, code: int = 0) -> str:
        assert main(["examples", *arguments, "--store", str(root)]) == code
        out, err = capsys.readouterr()
        return out or err

    return run


def test_the_worst_answers_with_scores_and_the_rows_themselves(ask):
    lines = ask("a3").splitlines()
    assert lines[0] == (
        "a3 answered 3 of 20 eval examples wrong (15.0%); row 15 is shoe, answered shirt 0.99."
    )
    assert lines[1].split() == [
        "row",
        "answer",
        "is",
        "given",
        "to",
        "it",
        "label",
        "city",
        "image",
    ]
    assert lines[2].split()[:7] == ["15", "shirt", "0.99", "shoe", "0.010", "shoe", "(1)"]
    assert "Rome" in lines[2]
    assert "Bonn" in lines[3]
    assert lines[-1] == (
        "fell: city=Rome; see `python -m inspection examples a3 --slice city=Rome`"
    )


@pytest.mark.parametrize(
    ("slice", "places"),
    [("city=Bonn", [2, 7]), ("label=shoe", [15, 7]), ("label=1,city=Bonn", [7]), ("city=x", [])],
)
def test_those_of_a_slice(ask, slice, places):
    found = json.loads(ask("a3", "--slice", slice, "--json"))
    assert [each["row"] for each in found["lines"]] == places
    assert counted(len(places), "row is", "rows are") + f" of {slice}" in found["answer"]


def test_how_many_there_are_is_told_whatever_is_shown(ask):
    text = ask("a3", "--slice", "label=shoe", "--last", "1")
    assert "2 rows are of label=shoe" in text.splitlines()[0]
    assert len(text.splitlines()) == 4  # headline, header, one row, what fell


def test_a_model_of_which_nothing_was_kept_says_so(ask):
    assert "was not kept" in ask("a4", code=1)


def test_rows_of_the_data(ask):
    text = ask("a2", "--slice", "label=shoe", "--last", "2")
    assert text.startswith("2 rows with label=shoe of the first 4 of split eval of a2.")
    said = ask("a2", "--slice", "label=nothing")
    assert said.startswith("None of the rows of split eval of a2 is one with label=nothing.")
    assert "has eval." in ask("a2", "--split", "test", code=1)
    assert "--split eval is of an artifact of examples" in ask("a3", "--split", "eval", code=1)


def test_without_the_data_there_are_still_the_answers(root, ask):
    for path in [*root.rglob("Split-eval")]:
        shutil.rmtree(path)
    assert "shirt 0.99" in ask("a3")
    assert "are not at hand; name their folder with --root." in ask("a2", code=1)
