"""What is taken out of the image's environment."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from pipeline.settings import REPOSITORY
from tests.there import there


@pytest.fixture
def slim():
    spec = there(importlib.util.spec_from_file_location("slim", REPOSITORY / "docker" / "slim.py"))
    module = importlib.util.module_from_spec(spec)
    there(spec.loader).exec_module(module)
    return module


def write(packages: Path, name: str, *files: str) -> None:
    metadata = packages / f"{name}-1.0.dist-info"
    metadata.mkdir(parents=True)
    for file in files:
        (packages / file).parent.mkdir(parents=True, exist_ok=True)
        (packages / file).write_text("x")
    rows = [*files, f"{metadata.name}/RECORD"]
    (metadata / "RECORD").write_text("".join(f'"{file}",,\n' for file in rows))


def test_it_takes_tools_tests_and_headers_and_nothing_else(tmp_path: Path, slim):
    write(tmp_path, "mypy", "mypy/main.py", "mypy/deep/er.py", "shared/mypy.py")
    write(tmp_path, "kept", "kept/main.py", "kept/tests/test_main.py", "shared/kept.py")
    (tmp_path / "tensorflow" / "include").mkdir(parents=True)
    (tmp_path / "tensorflow" / "include" / "a.h").write_text("x")
    slim.slim(tmp_path)
    left = {str(file.relative_to(tmp_path)) for file in tmp_path.rglob("*") if file.is_file()}
    assert left == {"kept/main.py", "shared/kept.py", "kept-1.0.dist-info/RECORD"}
    assert not (tmp_path / "mypy").exists()


def test_a_script_outside_the_packages_goes_and_its_folder_stays(tmp_path: Path, slim):
    packages = tmp_path / "lib" / "site-packages"
    write(packages, "ruff", "ruff/a.py", "../../bin/ruff")
    (tmp_path / "bin" / "python").write_text("x")
    slim.slim(packages)
    assert [file.name for file in (tmp_path / "bin").iterdir()] == ["python"]
