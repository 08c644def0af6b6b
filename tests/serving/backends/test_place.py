from __future__ import annotations

import contextlib
import os
import socket
import tempfile
from concurrent import futures
from pathlib import Path

import grpc
import pytest

from serving.backends.errors import LaunchError
from serving.backends.place import SOCKET, grpc_port, server_folder, takes_socket


@pytest.fixture
def set_tempdir(monkeypatch: pytest.MonkeyPatch):
    """Sets TMPDIR as a shell would, before Python looked for it."""

    def set_to(folder: Path) -> None:
        monkeypatch.setenv("TMPDIR", str(folder))
        monkeypatch.setattr(tempfile, "tempdir", None)

    return set_to


def test_the_folder_is_where_tmpdir_says(tmp_path: Path, set_tempdir):
    short = Path(tempfile.mkdtemp(dir="/tmp"))
    set_tempdir(short)
    with server_folder() as folder:
        assert Path(folder).parent == short
        assert takes_socket(Path(folder))
        assert os.listdir(folder) == []
    os.rmdir(short)


def test_a_path_that_is_too_long_for_a_socket_is_passed_over(tmp_path: Path, set_tempdir):
    deep = tmp_path / ("d" * 90)
    deep.mkdir()
    set_tempdir(deep)
    with server_folder() as folder, socket.socket(socket.AF_UNIX) as server:
        server.bind(os.path.join(folder, SOCKET))
        assert not takes_socket(deep)


@pytest.mark.parametrize("sign", ["%20", "#", "?", ","])
def test_a_path_that_grpc_would_misread_is_passed_over(set_tempdir, sign: str):
    with tempfile.TemporaryDirectory(dir="/tmp", prefix=f"a{sign}b") as odd:
        set_tempdir(Path(odd))
        assert not takes_socket(Path(odd))
        with server_folder() as folder:
            assert Path(folder).parent != Path(odd)
            assert takes_socket(Path(folder))


def test_all_other_signs_lead_to_a_socket_that_grpc_opens():
    signs = " é'\"&~${1}[1]@;"
    with tempfile.TemporaryDirectory(dir="/tmp", prefix=f"a{signs}b") as odd:
        assert takes_socket(Path(odd))
        server = grpc.server(futures.ThreadPoolExecutor(1))
        server.add_insecure_port(f"unix:{odd}/{SOCKET}")
        server.start()
        with grpc.insecure_channel(f"unix:{odd}/{SOCKET}") as channel:
            grpc.channel_ready_future(channel).result(10)
        server.stop(0)


@pytest.mark.parametrize("kind", ["missing", "a file"])
def test_a_tmpdir_that_cannot_be_used_is_passed_over(tmp_path: Path, set_tempdir, kind: str):
    folder = tmp_path / "tmp"
    if kind == "a file":
        folder.touch()
    set_tempdir(folder)
    with server_folder() as made:
        assert os.path.isdir(made)


def test_no_folder_at_all_is_one_sentence(monkeypatch: pytest.MonkeyPatch):
    def refuse(*arguments: object, **options: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tempfile, "TemporaryDirectory", refuse)
    with pytest.raises(LaunchError, match=r"No space left on device.*set TMPDIR to a folder"):
        server_folder()


def test_where_no_socket_can_be_there_is_a_port(tmp_path: Path):
    with contextlib.ExitStack() as cleanup:
        assert 1024 <= grpc_port(tmp_path / ("d" * 90), cleanup) < 65536
        with tempfile.TemporaryDirectory(dir="/tmp") as short:
            assert grpc_port(Path(short), cleanup) == 0
