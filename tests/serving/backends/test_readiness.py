from __future__ import annotations

import errno
import re
import resource
import shutil
import socket
import subprocess
import sys
import threading
from collections import namedtuple
from pathlib import Path

import pytest

from serving.backends.readiness import demand_server
from serving.launch import LaunchError

Usage = namedtuple("Usage", "total used free")


def test_this_machine_can_start_one():
    demand_server("embedded")


def test_a_backend_that_is_missing_is_said(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(LaunchError, match="no tensorflow_model_server on PATH; install"):
        demand_server("tensorflow_model_server")


def test_a_full_folder_for_temporary_files_is_said(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda place: Usage(2**30, 2**30 - 2**20, 2**20))
    with pytest.raises(LaunchError, match=r"has 1 MB free for temporary files.*set TMPDIR"):
        demand_server("embedded")


def test_too_few_descriptors_are_said():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (100, hard))
    try:
        with pytest.raises(LaunchError, match=r"allows 100 open files.*ulimit -n 1024"):
            demand_server("embedded")
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_descriptors_that_are_taken_are_said(monkeypatch: pytest.MonkeyPatch):
    limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    monkeypatch.setattr("serving.backends.readiness.open_now", lambda: limit - 63)
    with pytest.raises(LaunchError, match=f"of which {limit - 63} are open.*ulimit -n 1024"):
        demand_server("embedded")


@pytest.mark.parametrize(
    ("error", "mend"),
    [
        (OSError(errno.ENETUNREACH, "Network is unreachable"), r"unreachable\); bring .* lo up"),
        (OSError(errno.EADDRNOTAVAIL, "Cannot assign"), r"Cannot assign\); end what holds"),
        (TimeoutError("timed out"), r"timed out\); see to the network and the firewall"),
    ],
)
def test_a_loopback_over_which_nobody_is_asked_is_said(
    monkeypatch: pytest.MonkeyPatch, error: OSError, mend: str
):
    def refuse(*_: object) -> None:
        raise error

    monkeypatch.setattr(socket, "create_connection", refuse)
    with pytest.raises(LaunchError, match=f"No model server on 127.0.0.1 could be asked .*{mend}"):
        demand_server("embedded")


LIMITED = """
import os, resource
from serving.backends.errors import LaunchError
from serving.backends.readiness import demand_threads
os.getuid() or os.setuid(54_321)  # Nobody, of whom nothing runs; root may start any number.
demand_threads()
resource.setrlimit(resource.RLIMIT_NPROC, (20, 20))
try:
    demand_threads()
except LaunchError as error:
    print(error)
"""


@pytest.mark.medium
def test_a_limit_of_threads_is_said_before_native_code_dies_of_it():
    ended = subprocess.run(
        [sys.executable, "-c", LIMITED], capture_output=True, text=True, check=True, timeout=120
    )
    assert re.fullmatch(
        r"\d+ threads can be started \(can't start new thread\), and a model server and its check"
        r" need \d+; end other processes, or raise the limit with `ulimit -u`.\n",
        ended.stdout,
    )
    assert not ended.stderr


def test_a_lack_of_threads_is_said(monkeypatch: pytest.MonkeyPatch):
    def refuse(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    with pytest.raises(LaunchError, match=r"can't start new thread.*ulimit -u"):
        demand_server("embedded")


def test_a_python_that_lacks_packages_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\necho ModuleNotFoundError: no numpy >&2\nexit 1\n")
    python.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(python))
    with pytest.raises(LaunchError, match="ModuleNotFoundError: no numpy; `make doctor`"):
        demand_server("embedded")
