"""Which lines tests run, on a little project with the real monitor, and what is said of it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.code.hash import PACKAGES
from tools.line_coverage import FLOORS, Lines, Share, below, lines_of, shares

REPOSITORY = Path(__file__).parents[2]
MODULE = '''\
"""A module."""

LIST = [
    number
    for number in range(3)
]


class Answer:
    """What it is."""

    def given(self, right):
        if right:
            return 42
        return 0
'''
MONITORS = sys.version_info >= (3, 12)


@pytest.fixture
def module(tmp_path: Path) -> Path:
    (tmp_path / "room").mkdir()
    file = tmp_path / "room/module.py"
    file.write_text(MODULE)
    return file


def test_lines_that_can_run_are_those_with_code(module):
    lines = lines_of(module)
    assert {12, 13, 14, 15} <= lines
    assert not {2, 7, 8, 11, 16} & lines


def test_a_room_counts_what_ran_of_it(module, tmp_path):
    every = len(lines_of(module))
    run = {"room/module.py": [12, 13, 2], "elsewhere/module.py": [14]}
    assert shares(tmp_path, run, ["room", "empty"]) == {
        "room": Share(2, every),
        "empty": Share(0, 0),
    }


def test_a_room_below_its_floor_is_named_with_what_to_do():
    counted = {"one": Share(7, 10), "two": Share(9, 10), "other": Share(0, 10)}
    (sentence,) = below(counted, {"one": 0.9, "two": 0.9})
    assert sentence == (
        "The tests run 70.0% of the lines of one/, less than 90%: write tests for what is new"
        " there (`make coverage ARGS=--missed=one` lists lines)."
    )


def test_every_room_of_the_product_has_a_floor():
    assert {*PACKAGES, "inspection", "tools"} == set(FLOORS)


@pytest.mark.skipif(MONITORS, reason="this Python can count lines")
def test_an_older_python_says_where_it_can_be_had(tmp_path):
    with pytest.raises(pytest.UsageError, match="current lane"):
        Lines(tmp_path).start()


@pytest.mark.skipif(not MONITORS, reason="lines are counted by Python 3.12")
def test_what_runs_is_told_once_and_by_its_place(module, tmp_path):
    code = f"""
import sys
from pathlib import Path
sys.path[:0] = [{str(REPOSITORY)!r}, {str(tmp_path)!r}]
from tools.line_coverage import Lines
lines = Lines(Path({str(tmp_path)!r}))
lines.start()
from room.module import Answer
for right in (True, True):
    Answer().given(right)
print(sorted(lines.run["room/module.py"]), list(lines.run))
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    missed = lines_of(module) - set(eval(run.stdout.partition("]")[0] + "]"))
    assert missed == {15}
    assert run.stdout.endswith("['room/module.py']\n")
