"""A folder in PYTHONPATH adds modules, and replaces none."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from documents.environment.search_path import put_pythonpath_last
from pipeline.settings import REPOSITORY


def test_the_script_comes_first_and_pythonpath_last(monkeypatch):
    monkeypatch.setattr(sys, "path", ["/script", "/mine", "/yours", "/lib", "/site-packages"])
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(["/mine", "", "/yours"]))
    put_pythonpath_last()
    assert sys.path == ["/script", "/lib", "/site-packages", "/mine", "/yours"]


def test_a_script_that_is_named_there_stays_first(monkeypatch):
    monkeypatch.setattr(sys, "path", ["/script", "/script", "/lib"])
    monkeypatch.setenv("PYTHONPATH", "/script")
    put_pythonpath_last()
    assert sys.path == ["/script", "/lib", "/script"]


def test_without_it_nothing_changes(monkeypatch):
    monkeypatch.setattr(sys, "path", [os.getcwd(), "/lib"])
    monkeypatch.delenv("PYTHONPATH", raising=False)
    put_pythonpath_last()
    assert sys.path == [os.getcwd(), "/lib"]


@pytest.mark.medium
@pytest.mark.parametrize(
    "command",
    [
        [REPOSITORY / "local_runner.py"],
        [REPOSITORY / "kubeflow_runner.py"],
        ["-m", "serving"],
        ["-m", "inspection"],
    ],
)
def test_commands_start_with_other_modules_of_the_same_names_there(command, tmp_path: Path):
    for name in ("queue", "argparse", "numpy", "serving", "yaml"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("raise RuntimeError('the wrong one')")
    shown = subprocess.run(
        [sys.executable, *map(str, command), "--help"],
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (shown.returncode, shown.stderr) == (0, "")
    assert shown.stdout.startswith("usage: ")
