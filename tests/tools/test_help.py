"""Every script that a page or the Makefile names says what it is for, and does nothing yet."""

from __future__ import annotations

import subprocess
import sys

import pytest

from pipeline.settings import REPOSITORY

PROGRAMS = (
    *("-m tools.mirror", "-m tools.release", "-m tools.terminal_picture", "-m tools.make_sample"),
    *("tools/doctor.py", "tools/setup_env.py", "docker/slim.py", "docker/rehearse.py"),
)


SCRIPTS = (".ci/run", ".ci/current_lane")


@pytest.mark.medium
@pytest.mark.parametrize("script", PROGRAMS)
def test_who_asks_for_help_changes_nothing(script: str) -> None:
    done = _run(sys.executable, *script.split(), "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("usage: ")


@pytest.mark.parametrize("script", SCRIPTS)
def test_scripts_of_ci_begin_nothing_by_mistake(script: str) -> None:
    done = _run(script, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert f"usage: {script}" in done.stdout
    for wrong in ("--hlep", "--root"):
        done = _run(script, wrong)
        assert (done.returncode, done.stdout) == (2, "")
        assert f"`{script} --help` tells" in done.stderr


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ((), "CODE= is missing"),
        (("CODE=trips",), "FROM= is missing"),
        (("CODE=trips", "FROM=image"), "IMAGE= is missing: that of the project would be written"),
    ],
)
def test_make_code_image_says_what_it_lacks(given: tuple[str, ...], said: str) -> None:
    done = _run("make", "--dry-run", "code-image", *given)
    assert done.returncode == 2
    assert said in done.stderr
    assert "docker" not in done.stdout


def _run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True)
