from __future__ import annotations

import hashlib
import json
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from models.hub.__main__ import main
from models.hub.module import REPOSITORY, resolve
from models.publishing.archive import pack
from models.publishing.server import HubServer, ServeError, modules_in
from tests.there import next_line

HANDLE = "fashion_mnist/image/3"


def write_published(folder: Path, handle: str = HANDLE) -> str:
    """A module as `publish` leaves it; its sha256."""
    saved = folder.parent / "saved"
    (saved / "variables").mkdir(parents=True, exist_ok=True)
    (saved / "saved_model.pb").write_bytes(b"graph" * 100)
    (saved / "variables" / "variables.index").write_bytes(b"index")
    place = folder / handle
    place.mkdir(parents=True)
    pack(saved, place / "module.tar.gz")
    sha256 = hashlib.sha256((place / "module.tar.gz").read_bytes()).hexdigest()
    (place / "module.tar.gz.sha256").write_text(f"{sha256}  module.tar.gz\n")
    (place / "MODEL_CARD.md").write_text("# Card\n")
    return sha256


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_published(tmp_path / "modules")
    (tmp_path / "modules" / "secret").write_text("secret")
    (tmp_path / "modules" / HANDLE / "secret").write_text("secret")
    return tmp_path / "modules"


@pytest.fixture
def url(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("NO_PROXY", "*")
    with HubServer(folder, port=0) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server.url
        server.shutdown()
        thread.join()


def test_module_is_resolved_by_its_address(url: str, folder: Path, tmp_path: Path) -> None:
    sha256 = modules_in(folder)[HANDLE]
    module = resolve(f"{url}/{HANDLE}", sha256=sha256, allow_http=True, cache=tmp_path / "cache")
    assert module.sha256 == sha256
    assert (module.path / "saved_model.pb").read_bytes() == b"graph" * 100


def test_protocol(url: str, folder: Path) -> None:
    asked = f"{url}/{HANDLE}?tf-hub-format=compressed"
    redirect = requests.get(asked, allow_redirects=False, timeout=60)
    assert (redirect.status_code, redirect.headers["Location"]) == (
        302,
        f"/{HANDLE}/module.tar.gz",
    )
    archive = requests.get(asked, timeout=60)
    assert archive.headers["Content-Type"] == "application/gzip"
    assert archive.content == (folder / HANDLE / "module.tar.gz").read_bytes()
    head = requests.head(asked, allow_redirects=True, timeout=60)
    assert (head.headers["Content-Length"], head.content) == (str(len(archive.content)), b"")
    uncompressed = requests.get(f"{url}/{HANDLE}?tf-hub-format=uncompressed", timeout=60)
    assert uncompressed.status_code == 400
    assert "ask for tf-hub-format=compressed" in uncompressed.text


def test_what_people_see(url: str, folder: Path) -> None:
    assert requests.get(url, timeout=60).text == f"{HANDLE}\n"
    assert requests.get(f"{url}/{HANDLE}", timeout=60).text == "# Card\n"
    write_published(folder, "pets/photo/1")
    assert requests.get(url, timeout=60).text == f"{HANDLE}\npets/photo/1\n"


@pytest.mark.parametrize(
    "path",
    [
        "secret",
        f"{HANDLE}/secret",
        f"{HANDLE}/../../../../secret",
        f"{HANDLE}/%2e%2e/3/module.tar.gz",
        "fashion_mnist/image/4?tf-hub-format=compressed",
        "fashion_mnist/image/4/module.tar.gz",
        "fashion_mnist/image",
        "//etc/passwd",
    ],
)
def test_nothing_else_is_given_out(url: str, path: str) -> None:
    # As it is written: requests would tidy the path.
    prepared = requests.Request("GET", url).prepare()
    prepared.url = f"{url}/{path}"
    with requests.Session() as session:
        answer = session.send(prepared, timeout=60)
    assert answer.status_code == 404
    assert "There is no such module here" in answer.text


def test_archive_that_was_altered_is_not_served(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with (folder / HANDLE / "module.tar.gz").open("ab") as file:
        file.write(b"more")
    with pytest.raises(ServeError, match="is not what was published"):
        modules_in(folder)
    assert main(["serve", str(folder)]) == 1
    assert capsys.readouterr().err.count("\n") == 1


def test_folder_without_modules(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serve", str(tmp_path)]) == 1
    assert "There are no modules in" in capsys.readouterr().err


def test_port_that_is_taken(folder: Path, url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serve", str(folder), "--port", url.rpartition(":")[2]]) == 1
    assert "choose another with --port" in capsys.readouterr().err


@pytest.mark.parametrize("port", ["65536", "-1", "x", ""])
def test_port_that_is_none(folder: Path, port: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["serve", str(folder), "--port", port])
    assert "is no port" in capsys.readouterr().err


def test_command_serves_until_it_is_ended(folder: Path) -> None:
    command = [sys.executable, "-m", "models.hub", "serve", str(folder), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=REPOSITORY) as process:
        try:
            first, last = next_line(process), next_line(process)
            assert re.fullmatch(rf"http://127\.0\.0\.1:\d+/{HANDLE}  sha256 [0-9a-f]+\n", first)
            assert requests.get(first.partition(" ")[0], timeout=60).text == "# Card\n"
            assert "Ctrl-C stops it" in last
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=60) == 0
        finally:
            process.kill()


def test_command_prints_json_once_it_serves(folder: Path) -> None:
    command = [sys.executable, "-m", "models.hub", "serve", str(folder), "--port", "0", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=REPOSITORY) as process:
        try:
            told = json.loads(next_line(process))
            [(address, sha256)] = told["modules"].items()
            assert address == f"{told['url']}/{HANDLE}"
            archive = requests.get(f"{address}?tf-hub-format=compressed", timeout=60).content
            assert hashlib.sha256(archive).hexdigest() == sha256
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=60) == 0
            assert process.stdout is not None
            assert process.stdout.read() == ""
        finally:
            process.kill()


def test_pack_gives_equal_bytes_for_equal_files(tmp_path: Path) -> None:
    write_published(tmp_path / "first")
    write_published(tmp_path / "second")
    first, second = (
        (tmp_path / name / HANDLE / "module.tar.gz").read_bytes() for name in ("first", "second")
    )
    assert first == second
