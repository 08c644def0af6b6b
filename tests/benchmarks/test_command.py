"""What the commands of all benchmarks have in common."""

import json
from pathlib import Path

import pytest

from benchmarks import command
from benchmarks.target import Target
from pipeline.settings import REPOSITORY


def test_figures_go_to_the_results_unless_told_otherwise(capsys: pytest.CaptureFixture[str]):
    parser = command.parser("benchmarks.some", "What it does.", "examples:\n  none", "some.json")
    assert parser.parse_args([]).output == REPOSITORY / "benchmarks/results/some.json"
    assert parser.parse_args(["--output=/tmp/a.json"]).output == Path("/tmp/a.json")
    parser.print_help()
    shown = capsys.readouterr().out
    assert "(default: benchmarks/results/some.json)" in " ".join(shown.split())
    assert shown.startswith("usage: python -m benchmarks.some ")
    assert "examples:\n  none\n" in shown


def test_parts_are_chosen_by_name(capsys: pytest.CaptureFixture[str]):
    parser = command.parser("benchmarks.some", "", "", "some.json")
    parser.add_argument("--only", type=command.some_of({"a": 1, "b": 2}))
    assert parser.parse_args(["--only=b,a"]).only == ["b", "a"]
    with pytest.raises(SystemExit) as ended:
        parser.parse_args(["--only=a,c"])
    assert ended.value.code == command.USAGE
    assert "'a,c': name some of a,b" in capsys.readouterr().err


@pytest.mark.parametrize(("found", "code"), [(1.0, command.MET), (3.0, command.MISSED)])
def test_the_verdict_is_shown_and_is_the_exit_code(
    found: float, code: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    targets = [Target("CPU s", 1.0, 2.0), Target("MB", found, 2.0)]
    assert command.verdict(command.console(), targets, tmp_path / "a.json") == code
    shown = capsys.readouterr().out
    assert shown.count("missed") == (code == command.MISSED)
    assert "a.json" in shown


def test_figures_are_json_in_a_folder_that_is_made(tmp_path: Path):
    command.write(tmp_path / "new" / "a.json", {"a": 1})
    assert json.loads((tmp_path / "new" / "a.json").read_text()) == {"a": 1}


def test_a_wide_table_is_not_squeezed_into_a_pipe(capsys: pytest.CaptureFixture[str]):
    command.console().print("x" * 100 + " y")
    assert capsys.readouterr().out == "x" * 100 + " y\n"
