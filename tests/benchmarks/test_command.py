"""What the commands of all benchmarks have in common."""

import argparse
from pathlib import Path

import pytest

from benchmarks.command import add_output, console
from pipeline.settings import REPOSITORY


def test_figures_go_to_the_results_unless_told_otherwise(capsys: pytest.CaptureFixture[str]):
    parser = argparse.ArgumentParser()
    add_output(parser, "some.json")
    assert parser.parse_args([]).output == REPOSITORY / "benchmarks/results/some.json"
    assert parser.parse_args(["--output=/tmp/a.json"]).output == Path("/tmp/a.json")
    parser.print_help()
    assert "(default: benchmarks/results/some.json)" in " ".join(capsys.readouterr().out.split())


def test_a_wide_table_is_not_squeezed_into_a_pipe(capsys: pytest.CaptureFixture[str]):
    console().print("x" * 100 + " y")
    assert capsys.readouterr().out == "x" * 100 + " y\n"
