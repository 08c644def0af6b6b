"""Every wrong model is caught by the check that must catch it; every right one passes.

In CI the checks of correctness judge many mutants on each server: a wrong one by its own check, a
right one by all. `python -m tests.components.serving_check.mutants` does the same by hand, for any
of them and any model; docs/serving_check.md says how.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.components.serving_check.bench import Bench
from tests.components.serving_check.mutants.catalogue import MUTANTS
from tests.components.serving_check.mutants.conftest import Serve

GROUP = 20
"""Mutants on one server, which one worker of pytest keeps to itself."""
RIGHT = [name for name, mutant in MUTANTS.items() if mutant.row is None]
WRONG = [name for name, mutant in MUTANTS.items() if mutant.row and not mutant.harmful]
OFTEN = [*RIGHT, *WRONG]


def groups() -> list[Any]:
    """Parameters (name, names of its server), marked so that a server is started once."""
    parameters = []
    for start in range(0, len(OFTEN), GROUP):
        names = tuple(OFTEN[start : start + GROUP])
        mark = pytest.mark.xdist_group(f"mutants-{start}")
        parameters += [pytest.param(name, names, id=name, marks=mark) for name in names]
    return parameters


@pytest.mark.slow
@pytest.mark.parametrize(("name", "together"), groups())
def test_is_judged_rightly(name: str, together: tuple[str, ...], serve: Serve):
    mutant = MUTANTS[name]
    rows = serve(together).check(name, mutant.row)
    failing = {row: check.found for row, check in rows.items() if not check.ok}
    if mutant.row is None:
        assert not failing, mutant.says
    else:
        assert mutant.row in failing, mutant.says
        assert "Traceback" not in failing[mutant.row]


WHOLE = ("the_real_one", "frozen", "saved_again", "noisy_outputs", "alone", "labels_shifted")
"""A sample of the others, for the whole check."""
OPTIONS: dict[str, dict[str, Any]] = {
    # A load that never ends has to be given up at some time.
    "endless": {"load_seconds": 20},
    "keeps_everything": {"growth_requests": 4_000, "growth_percent": 5},
}


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", [*WHOLE, *(name for name, mutant in MUTANTS.items() if mutant.harmful)]
)
def test_the_executor_judges_rightly(name: str, real_model: Path, tmp_path: Path):
    mutant = MUTANTS[name]
    bench = Bench(tmp_path)
    mutant.make(real_model, tmp_path / "model")
    checked = bench.check(splits=(), **OPTIONS.get(name, {}))
    if mutant.row is None:
        assert checked.blessed, checked.reason
    else:
        assert not checked.blessed, mutant.says
        assert not checked.rows[mutant.row]["ok"], checked.reason
        assert checked.reason.startswith("ServingCheck: ")
        assert "\n" not in checked.reason
        assert "Traceback" not in checked.reason
    shutil.rmtree(tmp_path)


def test_there_are_enough_of_them():
    assert len(WRONG) >= 60
    assert len(RIGHT) >= 15


def test_each_is_described_in_one_line():
    assert all(mutant.says and "\n" not in mutant.says for mutant in MUTANTS.values())
