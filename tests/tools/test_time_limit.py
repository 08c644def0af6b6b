"""A time after which no test begins."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
FILE = """\
def test_first():
    pass

def test_second():
    pass
"""
NAMES = tuple(f"test_{number}.py" for number in range(10))
COUNT = len(NAMES) * FILE.count("def ")


def _run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    for name in NAMES:
        (folder / name).write_text(FILE)
    command = [sys.executable, "-m", "pytest", "-p", "tools.time_limit", *arguments]
    return subprocess.run(
        [*command, "-c", "/dev/null", "--rootdir", str(folder), str(folder)],
        capture_output=True,
        text=True,
        cwd=REPOSITORY,
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
    )


@pytest.mark.medium
@pytest.mark.parametrize(
    "processes",
    [
        ("-p", "xdist", "-n", "1"),
        pytest.param((), marks=[pytest.mark.slow, pytest.mark.extended]),
    ],
)
def test_what_comes_too_late_is_not_begun_and_counted(tmp_path, processes):
    run = _run(tmp_path, "--minutes", "0.00001", *processes)
    assert run.returncode == 0, run.stdout + run.stderr
    assert f"NOT TRIED: {COUNT} tests" in run.stdout
    assert f"{COUNT} skipped" in run.stdout
    assert "passed" not in run.stdout


@pytest.mark.medium
def test_within_the_time_all_are_tried(tmp_path):
    run = _run(tmp_path, "--minutes", "10")
    assert f"{COUNT} passed" in run.stdout
    assert "NOT TRIED" not in run.stdout


@pytest.mark.slow
@pytest.mark.extended
def test_without_a_limit_all_are_tried(tmp_path):
    assert f"{COUNT} passed" in _run(tmp_path).stdout


@pytest.mark.medium
def test_a_limit_that_is_none_is_refused_in_a_sentence(tmp_path):
    run = _run(tmp_path, "--minutes", "soon")
    assert run.returncode == 4
    assert "--minutes" in run.stderr
    assert "Traceback" not in run.stderr


def _order(run: subprocess.CompletedProcess[str]) -> list[str]:
    found = re.findall(r"(test_\d+\.py)::test_first PASSED", run.stdout)
    assert sorted(found) == sorted(NAMES)
    return found


@pytest.mark.slow
@pytest.mark.extended
def test_where_time_may_be_short_chance_decides_which_files_come_first(tmp_path):
    orders = [_order(_run(tmp_path, "-v", "--minutes", "10")) for _ in range(2)]
    # Once in ten million times, these are the same, or that of the names.
    assert orders[0] != orders[1]
    assert _order(_run(tmp_path, "-v")) == list(NAMES)
