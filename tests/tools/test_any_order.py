"""Another order of tests, that can be had again."""

from __future__ import annotations

import itertools
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.any_order import shuffled

REPOSITORY = Path(__file__).parents[2]
TESTS = 20
FILE = f"""\
import pytest

@pytest.mark.parametrize("number", range({TESTS}))
def test_it(number):
    pass
"""


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers())), st.integers())
def test_all_are_there_and_those_of_a_place_together(items, seed):
    found = shuffled(items, lambda item: item[0], seed)
    assert sorted(found) == sorted(items)
    places = [place for place, _ in found]
    assert len(list(itertools.groupby(places))) == len(set(places))
    assert shuffled(items, lambda item: item[0], seed) == found


def _run(folder: Path, *arguments: str) -> list[str]:
    command = [sys.executable, "-m", "pytest", "-v", "-p", "tools.any_order", *arguments]
    run = subprocess.run(
        [*command, "-c", "/dev/null", "--rootdir", str(folder), str(folder)],
        capture_output=True,
        text=True,
        cwd=REPOSITORY,
        # Without plugins that happen to be installed, of which one may have an order of its own.
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
    )
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout.splitlines()


@pytest.mark.slow
@pytest.mark.extended
def test_a_run_tells_how_to_have_its_order_again(tmp_path):
    (tmp_path / "test_one.py").write_text(FILE)
    # One process has all tests of a file, and the other agrees about their order.
    first = _run(tmp_path, "-p", "xdist", "-n", "2", "--dist", "loadfile")
    seed = re.findall(r"--seed (\d+)", "\n".join(first))[0]
    again = _run(tmp_path, "--seed", seed)
    orders = [
        [int(number) for number in re.findall(r"^(?=.*PASSED).*\[(\d+)\]", "\n".join(lines), re.M)]
        for lines in (first, again)
    ]
    assert orders[0] == orders[1]
    assert sorted(orders[0]) == [*range(TESTS)]
    assert orders[0] != sorted(orders[0])
