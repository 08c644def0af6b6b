"""Asks an index of our own, as pip is told of it."""

from __future__ import annotations

import base64
import http.server
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.files.download import DownloadError
from pipeline.files.package_index import fetch_file

NAME = "Some_Project-1.0.tar.gz"


class Index(http.server.ThreadingHTTPServer):
    """Has one project with one file, in either of the two forms."""

    json = True
    password: str | None = None

    def answer(self, path: str, headers: dict[str, str]) -> tuple[int, str, bytes]:
        wanted = self.password and f"Basic {base64.b64encode(self.password.encode()).decode()}"
        if wanted and headers.get("Authorization") != wanted:
            return 401, "text/plain", b""
        if path == "/simple/some-project/" and self.json:
            files = [{"filename": NAME, "url": f"../../files/{NAME}"}]
            return 200, "application/vnd.pypi.simple.v1+json", json.dumps({"files": files}).encode()
        if path == "/simple/some-project/":
            link = f'<a href="../../files/{NAME}#sha256=0">{NAME}</a>'
            return 200, "text/html", f"<html>{link}<a name=x></a></html>".encode()
        if path == f"/files/{NAME}":
            return 200, "application/gzip", b"content"
        return 404, "text/plain", b""


class Handler(http.server.BaseHTTPRequestHandler):
    server: Index

    def do_GET(self) -> None:
        status, kind, body = self.server.answer(self.path, dict(self.headers))
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture
def index(monkeypatch: pytest.MonkeyPatch) -> Iterator[Index]:
    with Index(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        monkeypatch.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{server.server_address[1]}/simple")
        yield server
        server.shutdown()


@pytest.mark.medium
@pytest.mark.parametrize("as_json", [True, False])
def test_a_file_of_a_project_is_downloaded(index: Index, tmp_path: Path, as_json: bool):
    index.json = as_json
    fetch_file("Some.Project", NAME, tmp_path / "x", max_bytes=100)
    assert (tmp_path / "x").read_bytes() == b"content"


@pytest.mark.medium
def test_name_and_password_are_sent_and_never_shown(
    index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    index.password = "me:se cret"
    place = f"127.0.0.1:{index.server_address[1]}/simple"
    monkeypatch.setenv("PIP_INDEX_URL", f"http://me:se%20cret@{place}")
    fetch_file("some-project", NAME, tmp_path / "x", max_bytes=100)
    with pytest.raises(DownloadError, match=f"has no other at http://{place}/some-project/"):
        fetch_file("some-project", "other", tmp_path / "y", max_bytes=100)
    monkeypatch.setenv("PIP_INDEX_URL", f"http://me:wrong@{place}")
    with pytest.raises(DownloadError, match="401") as caught:
        fetch_file("some-project", NAME, tmp_path / "x", max_bytes=100)
    assert "wrong" not in str(caught.value)


@pytest.mark.medium
def test_what_the_index_lacks_is_told(index: Index, tmp_path: Path):
    with pytest.raises(DownloadError, match=r"cannot be asked at .*/other/ .*404.*PIP_INDEX_URL"):
        fetch_file("other", NAME, tmp_path / "x", max_bytes=100)
    with pytest.raises(DownloadError, match="larger than the 3 bytes allowed"):
        fetch_file("some-project", NAME, tmp_path / "x", max_bytes=3)
