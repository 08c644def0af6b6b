"""What doctor finds, and when it says that a run would not work."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.local.lock import run_lock
from tools.doctor import REPOSITORY, check_disk, check_port, check_run, installed_versions


def test_a_port_that_is_taken_is_a_note_because_a_run_does_not_need_it():
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        taken = check_port(server.getsockname()[1])
    assert taken.state == "note"
    assert "make serve" in taken.mend


def test_another_run_stops_this_one_while_it_lives(tmp_path: Path):
    assert check_run(str(tmp_path)).state == "ok"
    with run_lock(tmp_path):
        assert check_run(str(tmp_path)).state == "stop"
    # Killed, and its number is another process's by now.
    (tmp_path / ".run.pid").write_text(f"{os.getpid()}\n")
    assert check_run(str(tmp_path)).state == "ok"


def test_a_root_that_is_a_file(tmp_path: Path):
    (tmp_path / "workspace").touch()
    assert check_disk(str(tmp_path / "workspace")).state == "stop"
    assert check_disk(str(tmp_path / "not" / "there" / "yet")).state == "ok"


def test_versions_come_from_the_names_of_folders(tmp_path: Path):
    packages = tmp_path / "lib" / "python3.10" / "site-packages"
    for name in ("tfx-1.16.0", "apache_beam-2.65.0", "Tensorflow-2.16.2", "tfx_bsl-1.16.1"):
        (packages / f"{name}.dist-info").mkdir(parents=True)
    found = installed_versions(str(tmp_path))
    assert found["tfx"] == "1.16.0"
    assert found["apache_beam"] == "2.65.0"
    assert found["tensorflow"] == "2.16.2"
    assert found["kfp"] is None


@pytest.mark.medium
def test_json_and_text_tell_the_same():
    command = [sys.executable, str(Path(REPOSITORY) / "tools" / "doctor.py")]
    as_json = subprocess.run([*command, "--json"], stdout=subprocess.PIPE, check=False)
    as_text = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    report = json.loads(as_json.stdout)
    assert as_json.returncode == as_text.returncode == (0 if report["ok"] else 1)
    lines = as_text.stdout.splitlines()
    assert [line.split()[0] for line in lines] == [check["state"] for check in report["checks"]]
