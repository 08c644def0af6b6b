"""The command is run as it is printed."""

from __future__ import annotations

import shlex
import subprocess
from pathlib import Path

import pytest

from pipeline.local.display.serve_command import serve_command
from pipeline.settings import REPOSITORY


@pytest.mark.medium
@pytest.mark.parametrize("elsewhere", [False, True])
def test_it_works_where_it_is_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, elsewhere: bool
):
    monkeypatch.chdir(tmp_path if elsewhere else REPOSITORY)
    command = serve_command("my model", str(tmp_path / "with space"))
    assert shlex.split(command)[-2:] == [
        "--model_name=my model",
        f"--model_base_path={tmp_path / 'with space'}",
    ]
    done = subprocess.run(
        f"{command} --version", shell=True, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_the_base_path_is_absolute_or_an_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    assert serve_command("m", "serving/m").endswith(f"--model_base_path={tmp_path}/serving/m")
    assert serve_command("m", "gs://bucket/m").endswith("--model_base_path=gs://bucket/m")


def test_it_can_be_told_where_the_working_folder_was_deleted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    assert "--model_base_path=/srv/m" in serve_command("m", "/srv/m")
