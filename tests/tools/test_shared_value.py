"""A value of a test run is made once, however many processes there are."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
PLUGIN = """\
import os
import pytest
from tools.shared_value import SharedValue

MAKER = SharedValue("maker")

def pytest_configure(config):
    MAKER.settle(config, os.getpid)

@pytest.fixture
def maker(request):
    return MAKER.of(request.config)
"""
TEST = """\
import os
import pytest

@pytest.mark.parametrize("number", range(8))
def test_who_made_it(number, maker, worker_id, tmp_path_factory):
    print(f"told {worker_id} {maker} {os.getpid()}")
"""


@pytest.mark.medium
@pytest.mark.parametrize("processes", [0, 2])
def test_all_processes_have_what_the_first_one_made(tmp_path: Path, processes: int):
    (tmp_path / "conftest.py").write_text(PLUGIN)
    (tmp_path / "test_it.py").write_text(TEST)
    command = [sys.executable, "-m", "pytest", "-rP", "-p", "xdist", "-n", str(processes)]
    run = subprocess.run(
        [*command, "-c", "/dev/null", "--rootdir", str(tmp_path), str(tmp_path)],
        capture_output=True,
        text=True,
        cwd=REPOSITORY,
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
    )
    assert run.returncode == 0, run.stdout + run.stderr
    told = [line.split()[1:] for line in run.stdout.splitlines() if line.startswith("told ")]
    assert len(told) == 8
    workers, makers, own = map(set, zip(*told, strict=True))
    assert len(workers) == max(processes, 1)
    assert len(makers) == 1
    assert bool(makers & own) == (processes == 0)
