"""When .venv counts as made from the present lock."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools import stamp
from tools.lane import LANES

COMPAT = LANES["compat"]


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    (tmp_path / "locks").mkdir()
    for lane in LANES:
        (tmp_path / "locks" / f"{lane}.lock").write_text("tfx==1\n")
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "python").touch()
    stamp.write(venv(tmp_path), stamp.wanted(COMPAT, str(tmp_path)), "/usr/bin/python3.10")
    return tmp_path


def venv(repository: Path) -> str:
    return str(repository / ".venv")


def ready(repository: Path) -> bool:
    return stamp.matches(venv(repository), stamp.wanted(COMPAT, str(repository)))


def test_nothing_changed(repository: Path):
    assert ready(repository)
    assert stamp.read(venv(repository))["python"] == "/usr/bin/python3.10"


def test_an_edited_lock(repository: Path):
    (repository / "locks" / "compat.lock").write_text("tfx==2\n")
    assert not ready(repository)


def test_another_lane_with_the_same_lock(repository: Path):
    wanted = stamp.wanted(LANES["current"], str(repository))
    assert not stamp.matches(venv(repository), wanted)


def test_a_folder_that_was_moved(repository: Path, tmp_path_factory: pytest.TempPathFactory):
    assert not ready(repository.rename(tmp_path_factory.mktemp("other") / "clone"))


def test_a_python_that_was_uninstalled(repository: Path):
    python = repository / ".venv" / "bin" / "python"
    python.unlink()
    python.symlink_to(repository / "gone")
    assert not ready(repository)


@pytest.mark.parametrize("text", ["", "{", "null"])
def test_a_damaged_stamp_counts_as_none(repository: Path, text: str):
    (repository / ".venv" / stamp.NAME).write_text(text)
    assert not ready(repository)


def test_an_interrupted_set_up(repository: Path):
    stamp.remove(venv(repository))
    assert stamp.read(venv(repository)) == {}
    assert not ready(repository)
