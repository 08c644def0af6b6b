from __future__ import annotations

import re
import subprocess
from contextlib import ExitStack
from pathlib import Path

import pytest

from serving.backends.log import ServerLog
from serving.backends.process import ServerProcess
from serving.launch import ModelServer, UnavailableError

LOADING = "I serving.server.versions.life_cycle] Loading servable: {name: small version: 1}"
NOT_AVAILABLE = (
    "Failed to start server. Error: UNKNOWN: 1 servable(s) did not become available: "
    "{{name: small version: 1} due to error: NOT_FOUND: no graph}, }"
)


def log_of(folder: Path, *lines: str) -> ServerLog:
    (folder / "log").write_text("\n".join(lines))
    return ServerLog(folder / "log")


@pytest.mark.parametrize(
    ("lines", "blamed"),
    [
        ((), False),
        (("ModuleNotFoundError: No module named 'tensorflow'",), False),
        (("Failed to start server. Error: Flag --port has the value 'x'",), False),
        ((LOADING, NOT_AVAILABLE), True),
        ((LOADING, "*** SIGSEGV ***", "PC: @ 0x7f"), True),
        ((LOADING, "Failed to start server. Error: UNAVAILABLE: address in use"), False),
        ((LOADING, "std::bad_alloc", "*** SIGABRT ***", "PC: @ 0x7f", "@ 0x1", "@ 0x2 x"), False),
    ],
)
def test_the_model_is_blamed_for_what_happened_while_it_was_loaded(
    tmp_path: Path, lines: tuple[str, ...], blamed: bool
):
    assert log_of(tmp_path, *lines).blames_model == blamed


def test_the_reason_is_the_servers_own_or_the_last_it_said(tmp_path: Path):
    assert log_of(tmp_path, LOADING, NOT_AVAILABLE, "later").reason.startswith(
        "UNKNOWN: 1 servable"
    )
    assert log_of(tmp_path, "a", "b", "", " c", "d").reason == "b | c | d"
    assert ServerLog(tmp_path / "none").reason == "nothing"


def test_the_last_line_is_not_a_frame_of_a_stack_trace(tmp_path: Path):
    log = log_of(tmp_path, "F check failed", "*** SIGABRT received ***", "PC: @ 0x1", "@ 0x2 main")
    assert log.last_line == "F check failed"
    assert ServerLog(tmp_path / "none").last_line == ""


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (("I serving.server.app] Stopping.",), True),
        (("I serving.server.app] Stopping.", "W a request was cancelled"), True),
        (("Running gRPC ModelServer",), False),
        ((), False),
    ],
)
def test_a_server_that_was_asked_to_stop_says_so(tmp_path: Path, lines, told):
    assert log_of(tmp_path, LOADING, *lines).told_to_stop is told


def test_a_shortage_is_what_no_model_brings_about(tmp_path: Path):
    assert log_of(tmp_path, LOADING, NOT_AVAILABLE, "RESOURCE_EXHAUSTED: OOM").shortage == ""
    accepting = "No connection can be accepted: Too many open files"
    assert log_of(tmp_path, accepting, LOADING).shortage == accepting
    assert ServerLog(tmp_path / "gone").shortage == ""


@pytest.mark.parametrize(
    ("said", "code", "told"),
    [
        ("I serving.server.app] Stopping.", 0, "The model server was told to stop while it was"),
        ("Running gRPC ModelServer", -9, "The model server was killed by SIGKILL, as a system"),
        ("Running gRPC ModelServer", -6, "it said: .* Running gRPC ModelServer"),
        ("Running gRPC ModelServer", 0, "ended with exit code 0 while it was asked; it said"),
    ],
)
def test_only_a_server_that_ended_by_itself_accuses_its_model(
    tmp_path: Path, said: str, code: int, told: str
):
    log_of(tmp_path, LOADING, said)
    code_of_shell = f"exit {code}" if code >= 0 else f"kill {code} $$"
    with subprocess.Popen(["sh", "-c", code_of_shell], start_new_session=True) as ended:
        ended.wait()
        process = ServerProcess(ended, 1, None)
        server = ModelServer("embedded", process, "m", tmp_path / "log", ExitStack())
        failure = server.failure("while it was asked")
    assert re.search(told, str(failure))
    assert isinstance(failure, UnavailableError) == ("it said" in told)
