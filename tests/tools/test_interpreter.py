"""Where a Python is found, and which ones are refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tools.fakes import interpreter, program
from tools.interpreter import find_interpreter, works


def find(tmp_path: Path, *versions: str) -> str | None:
    environ = {"HOME": str(tmp_path), "PATH": str(tmp_path / "path")}
    return find_interpreter(versions, environ, folders=[str(tmp_path / "usr")])


def pyenv(tmp_path: Path, version: str, name: str) -> Path:
    return tmp_path / ".pyenv" / "versions" / version / "bin" / name


def test_pyenv_comes_before_the_system_and_the_system_before_path(tmp_path: Path):
    on_path = interpreter(tmp_path / "path" / "python9.9", "cpython 9.9")
    assert find(tmp_path, "9.9") == str(on_path)
    system = interpreter(tmp_path / "usr" / "python9.9", "cpython 9.9")
    assert find(tmp_path, "9.9") == str(system)
    own = interpreter(pyenv(tmp_path, "9.9.1", "python9.9"), "cpython 9.9")
    assert find(tmp_path, "9.9") == str(own)


def test_the_newest_patch_is_taken(tmp_path: Path):
    interpreter(pyenv(tmp_path, "9.9.9", "python9.9"), "cpython 9.9")
    newest = interpreter(pyenv(tmp_path, "9.9.13", "python9.9"), "cpython 9.9")
    assert find(tmp_path, "9.9") == str(newest)


def test_the_first_version_that_is_installed_is_taken(tmp_path: Path):
    older = interpreter(tmp_path / "usr" / "python9.8", "cpython 9.8")
    assert find(tmp_path, "9.9", "9.8") == str(older)


def test_a_shim_without_a_python_behind_it_is_passed_over(tmp_path: Path):
    program(tmp_path / "usr" / "python9.9", "exit 127")
    behind = interpreter(tmp_path / "path" / "python9.9", "cpython 9.9")
    assert find(tmp_path, "9.9") == str(behind)


def test_pyenv_may_live_elsewhere(tmp_path: Path):
    own = interpreter(tmp_path / "opt" / "versions" / "9.9.1" / "bin" / "python9.9", "cpython 9.9")
    environ = {"PYENV_ROOT": str(tmp_path / "opt"), "PATH": ""}
    assert find_interpreter(["9.9"], environ, folders=[]) == str(own)


@pytest.mark.parametrize("says", ["cpython 9.8", "cpython 9.9t", "cpython 9.9 venv", "pypy 9.9"])
def test_another_version_build_or_a_venv_is_refused(tmp_path: Path, says: str):
    assert not works(str(interpreter(tmp_path / "python9.9", says)), "9.9")


def test_nothing_found(tmp_path: Path):
    assert find(tmp_path, "9.9") is None
