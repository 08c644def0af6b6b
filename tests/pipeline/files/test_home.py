"""Where a user has no home folder."""

import os
import pwd
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.files.home import home_folder, lend_home
from pipeline.settings import REPOSITORY


@pytest.fixture
def _unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a uid that only a container has."""
    monkeypatch.setattr("os.getuid", lambda: 3_999_999)
    monkeypatch.delenv("HOME")


def test_a_home_that_is_there_stays(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HOME", "/home/me")
    lend_home()
    assert home_folder() == Path("/home/me")
    assert os.environ["HOME"] == "/home/me"


@pytest.mark.parametrize("home", ["", "relative", "~"])
def test_libraries_find_the_listed_home_where_the_variable_names_none(
    monkeypatch: pytest.MonkeyPatch, home: str
):
    monkeypatch.setenv("HOME", home)
    lend_home()
    assert os.path.expanduser("~") == pwd.getpwuid(os.getuid()).pw_dir


@pytest.mark.usefixtures("_unknown")
@pytest.mark.parametrize("home", [None, "", "relative", "~"])
def test_a_home_is_lent_where_there_is_none(monkeypatch: pytest.MonkeyPatch, home: str | None):
    if home is not None:
        monkeypatch.setenv("HOME", home)
    assert home_folder() is None
    lend_home()
    lent = home_folder()
    assert lent is not None
    assert list(lent.iterdir()) == []
    lent.rmdir()


def test_what_was_lent_is_gone_with_the_process():
    code = (
        "import os; os.getuid = lambda: 3_999_999; from pipeline.files.home import lend_home; "
        "lend_home(); print(os.environ['HOME']); print(os.path.isdir(os.environ['HOME']))"
    )
    environment = {key: value for key, value in os.environ.items() if key != "HOME"}
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=REPOSITORY,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    folder, was_there = done.stdout.split()
    assert was_there == "True"
    assert not os.path.exists(folder)
