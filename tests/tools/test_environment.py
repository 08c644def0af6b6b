"""What set-up does to .venv, with a uv and a Python that only record what they are asked."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.tools.fakes import interpreter, program
from tools import stamp
from tools.environment import SetupError, path_line, set_up
from tools.uv import UvError

UV = """
echo "$1" "$2" >>{log}
case "$1" in
--version) ;;
venv)
    for venv; do :; done
    mkdir -p "$venv/bin" "$venv/lib/python3.10/site-packages"
    touch "$venv/CACHEDIR.TAG" "$venv/pyvenv.cfg"
    ln -s /bin/sh "$venv/bin/python" ;;
pip) {sync} ;;
esac
"""


class Machine:
    """A clone of the project on a machine with uv and Python 3.10."""

    def __init__(self, folder: Path) -> None:
        self.repository = folder / "clone"
        self.venv = self.repository / ".venv"
        self.lock = self.repository / "locks" / "compat.lock"
        self.lock.parent.mkdir(parents=True)
        self.lock.write_text("tfx==1\n")
        self.python = interpreter(folder / "pyenv/versions/3.10.1/bin/python3.10", "cpython 3.10")
        self.environ = {
            "TFX_LANE": "compat",
            "PYENV_ROOT": str(folder / "pyenv"),
            "PATH": f"{folder / 'bin'}:/usr/bin:/bin",
        }
        self._folder = folder
        self.let_uv("true")

    def let_uv(self, sync: str) -> None:
        """Replaces what `uv pip sync` does."""
        script = UV.format(log=self._folder / "log", sync=sync)
        program(self._folder / "bin" / "uv", script)

    def set_up(self) -> list[str]:
        """Sets up; returns what uv was asked to do."""
        log = self._folder / "log"
        log.write_text("")
        set_up(str(self.repository), self.environ)
        return [line for line in log.read_text().splitlines() if not line.startswith("--version")]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_the_first_time(machine: Machine):
    assert machine.set_up() == ["venv --quiet", "pip sync"]
    [path_file] = machine.venv.glob("lib/*/site-packages/repository.pth")
    assert path_file.read_text() == f"{machine.repository}\n"
    assert stamp.read(str(machine.venv))["lane"] == "compat"


def test_nothing_is_done_when_nothing_changed(machine: Machine):
    machine.set_up()
    machine.let_uv("exit 1")
    assert machine.set_up() == []


def test_a_changed_lock_is_installed_into_the_same_venv(machine: Machine):
    machine.set_up()
    (machine.venv / "kept").touch()
    machine.lock.write_text("tfx==2\n")
    assert machine.set_up() == ["pip sync"]
    assert (machine.venv / "kept").exists()
    assert machine.set_up() == []


def test_a_set_up_that_failed_is_redone_from_the_start(machine: Machine):
    machine.let_uv("echo 'error: No space left on device' >&2; exit 1")
    with pytest.raises(UvError, match="the disk is full"):
        machine.set_up()
    (machine.venv / "half").touch()
    machine.let_uv("true")
    assert machine.set_up() == ["venv --quiet", "pip sync"]
    assert not (machine.venv / "half").exists()


def test_an_update_that_failed_is_redone_from_the_start(machine: Machine):
    machine.set_up()
    machine.lock.write_text("tfx==2\n")
    machine.let_uv("exit 1")
    with pytest.raises(UvError):
        machine.set_up()
    machine.let_uv("true")
    assert machine.set_up() == ["venv --quiet", "pip sync"]


def test_what_an_interrupted_removal_left_is_removed(machine: Machine):
    (machine.repository / ".venv.old" / "lib").mkdir(parents=True)
    machine.set_up()
    assert not (machine.repository / ".venv.old").exists()


def test_a_folder_that_is_no_venv_is_left_alone(machine: Machine):
    machine.venv.mkdir()
    (machine.venv / "thesis.txt").write_text("precious")
    with pytest.raises(SetupError, match="no virtual environment: move it away"):
        machine.set_up()
    assert (machine.venv / "thesis.txt").read_text() == "precious"


def test_another_lane_gets_a_venv_of_its_own(machine: Machine):
    machine.set_up()
    shutil.copy(machine.lock, machine.lock.with_name("current.lock"))
    name = "pyenv/versions/3.13.1/bin/python3.13"
    interpreter(machine.repository.parent / name, "cpython 3.13")
    machine.environ["TFX_LANE"] = "current"
    assert machine.set_up() == ["venv --quiet", "pip sync"]


@pytest.mark.medium
@pytest.mark.parametrize("folder", ["plain", "a folder", "été → 'x'", os.fsdecode(b"no text \xff")])
@pytest.mark.parametrize(
    "variables",
    [{"LC_ALL": "C.UTF-8"}, {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}],
)
def test_the_project_is_found_in_any_folder_and_locale(
    tmp_path: Path, folder: str, variables: dict[str, str]
) -> None:
    (tmp_path / folder).mkdir()
    (tmp_path / folder / "found_here.py").touch()
    packages = tmp_path / "site-packages"
    packages.mkdir()
    line = path_line(str(tmp_path / folder))
    (packages / "repository.pth").write_text(f"{line}\n", encoding="ascii")
    look = f"import site; site.addsitedir({str(packages)!r}); import found_here"
    subprocess.run([sys.executable, "-c", look], env=variables, check=True)
