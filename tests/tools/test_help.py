"""Every script that a page or the Makefile names says what it is for, and does nothing yet."""

from __future__ import annotations

import subprocess
import sys

import pytest

from pipeline.settings import REPOSITORY

SCRIPTS = (
    *("-m tools.mirror", "-m tools.release", "-m tools.terminal_picture", "-m tools.make_sample"),
    *("tools/doctor.py", "tools/setup_env.py", "docker/slim.py", "docker/rehearse.py"),
)


@pytest.mark.parametrize("script", SCRIPTS)
def test_who_asks_for_help_changes_nothing(script: str) -> None:
    done = subprocess.run(
        [sys.executable, *script.split(), "--help"], cwd=REPOSITORY, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("usage: ")
