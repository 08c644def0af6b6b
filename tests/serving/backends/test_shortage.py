"""What a machine lacks, behind an error of any library."""

from __future__ import annotations

import errno
import re
import subprocess
from contextlib import ExitStack
from pathlib import Path

import pytest
import requests

from serving import launch
from serving.backends.process import ServerProcess
from serving.backends.shortage import lacking
from serving.clients.rest_client import RestClient
from serving.launch import LaunchError, ModelServer, UnavailableError


def behind(error: Exception, cause: BaseException) -> Exception:
    error.__cause__ = error.__context__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "mend"),
    [
        (OSError(errno.EMFILE, "Too many open files"), "ulimit -n"),
        (OSError(errno.ENFILE, "Too many open files in system"), "end other programs"),
        (OSError(errno.ENOSPC, "No space left on device"), "set TMPDIR"),
        (OSError(errno.EFBIG, "File too large"), "ulimit -f"),
        (OSError(errno.EADDRNOTAVAIL, "Cannot assign requested address"), "ip_local_port_range"),
        (MemoryError(), "ulimit -v"),
        (RuntimeError("can't start new thread"), "ulimit -u"),
        (
            behind(requests.exceptions.ConnectionError("x"), OSError(errno.ENETUNREACH, "lo")),
            "ip link set lo up",
        ),
    ],
)
def test_what_mends_it_is_said(error: BaseException, mend: str):
    assert mend in str(lacking(error))


@pytest.mark.parametrize(
    "error", [ConnectionRefusedError(errno.ECONNREFUSED, "refused"), TimeoutError(), ValueError()]
)
def test_a_server_that_does_not_answer_tells_of_nothing_that_is_lacking(error: Exception):
    assert lacking(error) is None


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (OSError(errno.ENETUNREACH, "Network is unreachable"), "unreachable); bring this machine"),
        (OSError(errno.EMFILE, "Too many open files"), "files); raise the limit of open files"),
    ],
)
def test_a_server_that_this_machine_cannot_ask_is_not_waited_for_and_accuses_no_model(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, error: OSError, told: str
):
    (tmp_path / "log").write_text("Loading servable version {name: m version: 1}\n")
    asked = []

    def status(*_: object) -> None:
        asked.append(error)
        raise behind(requests.exceptions.ConnectionError("no answer"), error)

    monkeypatch.setattr(RestClient, "status", status)
    monkeypatch.setattr(launch, "LACKING_SECONDS", 0.1)
    with subprocess.Popen(["sleep", "60"], start_new_session=True) as sleeping:
        process = ServerProcess(sleeping, 1, None)
        with (
            ModelServer("embedded", process, "m", tmp_path / "log", ExitStack()) as server,
            pytest.raises(LaunchError, match=re.escape(told)) as raised,
        ):
            server.wait_available(1, timeout=60)
    assert "cannot be asked for version 1 of m (" in str(raised.value)
    assert not isinstance(raised.value, UnavailableError)
    assert len(asked) > 1, "it may pass"
