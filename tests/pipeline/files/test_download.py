from __future__ import annotations

import contextlib
import logging
import shutil
import socketserver
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pipeline.files.download import DownloadError, fetch_debian_package, fetch_url

Serve = Callable[[bytes], str]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Starts a server that gives every request the same raw answer; returns its address."""
    with contextlib.ExitStack() as stack:

        def start(answer: bytes) -> str:
            class Handler(socketserver.StreamRequestHandler):
                def handle(self) -> None:
                    while self.rfile.readline().strip():
                        pass
                    self.wfile.write(answer)

            server = stack.enter_context(socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler))
            stack.callback(server.shutdown)
            threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
            return f"http://127.0.0.1:{server.server_address[1]}/file.gz"

        yield start


def answer(body: bytes, length: int | None = None) -> bytes:
    size = len(body) if length is None else length
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (size, body)


def test_a_file_is_downloaded_with_progress(
    tmp_path: Path, serve: Serve, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.INFO, logger="progress")
    fetch_url(serve(answer(b"x" * 1_000)), tmp_path / "file.gz", max_bytes=1_000)
    assert (tmp_path / "file.gz").read_bytes() == b"x" * 1_000
    record = caplog.records[-1]
    assert record.getMessage() == "downloading file.gz"
    assert [vars(record)[key] for key in ("step", "total", "eta")] == [1_000, 1_000, 0]


def test_a_broken_connection_is_told(tmp_path: Path, serve: Serve):
    with pytest.raises(DownloadError, match=r"file.gz broke off after 10 of 99 bytes"):
        fetch_url(serve(answer(b"x" * 10, length=99)), tmp_path / "file.gz", max_bytes=1_000)


def test_too_large_a_file_is_refused(tmp_path: Path, serve: Serve):
    with pytest.raises(DownloadError, match="larger than the 999 bytes allowed"):
        fetch_url(serve(answer(b"x" * 1_000)), tmp_path / "file.gz", max_bytes=999)


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", "HTTP Error 404"),
        (b"nonsense\r\n\r\n", "nonsense"),
        (b"", "closed connection"),
    ],
    ids=["not found", "not HTTP", "no answer"],
)
def test_what_is_no_answer_is_told(tmp_path: Path, serve: Serve, raw: bytes, message: str):
    with pytest.raises(DownloadError, match=f"^cannot download http://.*file.gz: .*{message}"):
        fetch_url(serve(raw), tmp_path / "file.gz", max_bytes=1_000)


def test_without_apt_there_is_no_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(DownloadError, match="no apt-get and dpkg here"):
        fetch_debian_package("dataset-fashion-mnist", tmp_path / "scratch")


@pytest.mark.skipif(not shutil.which("apt-get"), reason="needs apt")
def test_the_last_line_of_apt_is_the_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    no_sources = tmp_path / "apt.conf"
    no_sources.write_text('Dir::Etc "/dev/null";')
    monkeypatch.setenv("APT_CONFIG", str(no_sources))
    with pytest.raises(
        DownloadError, match=r"apt-get -q download no-such-package failed: E: .*no-such-package"
    ):
        fetch_debian_package("no-such-package", tmp_path / "scratch")
