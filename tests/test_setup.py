"""The wheel that Beam workers install: whole, importable, and content with what is installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from pipeline.code.hash import PACKAGES

REPOSITORY = Path(__file__).resolve().parents[1]
FOLDERS = (*PACKAGES, "inspection", "configs")

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy to build in, because setuptools leaves its scratch files beside setup.py."""
    copy = tmp_path_factory.mktemp("source")
    for name in FOLDERS:
        shutil.copytree(
            REPOSITORY / name, copy / name, ignore=shutil.ignore_patterns("__pycache__")
        )
    for name in ("setup.py", "pyproject.toml", "local_runner.py"):
        shutil.copy(REPOSITORY / name, copy / name)
    return copy


@pytest.fixture(scope="module")
def wheel(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    pip("wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(folder), str(source))
    [wheel] = folder.iterdir()
    return wheel


def pip(*arguments: str) -> str:
    """Runs pip without an index and returns what it printed."""
    return subprocess.run(
        [sys.executable, "-m", "pip", "--disable-pip-version-check", *arguments],
        env={**os.environ, "PIP_NO_INDEX": "1"},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    ).stdout


def test_the_wheel_holds_every_file_of_the_packages(source: Path, wheel: Path):
    expected = {
        str(path.relative_to(source))
        for name in FOLDERS
        for path in (source / name).rglob("*")
        if path.is_file()
    }
    assert expected - set(zipfile.ZipFile(wheel).namelist()) == set()


@pytest.mark.extended
def test_a_source_distribution_holds_the_same(source: Path, wheel: Path, tmp_path: Path):
    """Beam's --setup_file makes one and installs it on the workers."""
    build = [sys.executable, "setup.py", "--quiet", "sdist", "--dist-dir", str(tmp_path)]
    subprocess.run(build, cwd=source, check=True)
    [sdist] = tmp_path.iterdir()
    options = ("--no-deps", "--no-build-isolation", "--wheel-dir", str(tmp_path / "wheel"))
    pip("wheel", *options, str(sdist))
    [again] = (tmp_path / "wheel").iterdir()
    assert sorted(zipfile.ZipFile(again).namelist()) == sorted(zipfile.ZipFile(wheel).namelist())


def test_an_installed_wheel_finds_its_settings(wheel: Path, tmp_path: Path):
    pip("install", "--quiet", "--no-deps", "--target", str(tmp_path / "installed"), str(wheel))
    shown = subprocess.run(
        [sys.executable, "-m", "local_runner", "--help"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path / "installed")},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    assert "configs/fashion_mnist.yaml" in shown.stdout
    assert (tmp_path / "installed" / "configs" / "fashion_mnist.yaml").exists()


def test_installing_it_changes_no_other_package(wheel: Path):
    """A worker's image holds versions that pip, left alone, would replace."""
    [would] = pip("install", "--dry-run", str(wheel)).splitlines()[-1:]
    assert would == "Would install tfx-hub-serving-0.3.0"
