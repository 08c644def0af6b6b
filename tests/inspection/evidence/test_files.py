"""The files of an artifact, on pages: nothing outside of it, and nothing that acts."""

from __future__ import annotations

import html
import os
import re
from pathlib import Path

import pytest
from werkzeug.test import Client

from inspection.files.workspace import Workspace
from inspection.store import open_history
from inspection.web.app import App
from inspection.web.source import Source
from tests.inspection.hostile import SCRIPT
from tests.inspection.store_writer import Out, StoreWriter


@pytest.fixture
def folder(memory_path: Path) -> Path:
    """Of artifact a1, in a store at `root`."""
    store = StoreWriter(memory_path / "root")
    store.run("any", "1").node("Maker", {}, {"made": Out("Model")})
    [artifact] = store.client.get_artifacts_by_id([1])
    (memory_path / "secret.txt").write_text("secret")
    (store.root / "secret.txt").write_text("secret")
    return Path(artifact.uri)


@pytest.fixture
def client(folder: Path, memory_path: Path) -> Client:
    root = memory_path / "root"
    return Client(App(Source(lambda: open_history(root), Workspace(root)), ["localhost"]))


FILES = "/artifacts/a1/files"


@pytest.mark.medium
def test_a_tree_with_sizes_and_texts_to_read(folder, client):
    (folder / "Split-train").mkdir()
    (folder / "Split-train" / "stats.json").write_text('{"a":[1,"ü"]}')
    (folder / "model.pb").write_bytes(b"\0\1\2")
    text = client.get(FILES).text
    assert "3 files, 117 B" in text
    for path in ("content", "model.pb", "Split-train/stats.json"):
        assert f'href="{FILES}/{path}"' in text
        assert client.get(f"{FILES}/{path}").status_code == 200
    assert "&#34;ü&#34;" in client.get(f"{FILES}/Split-train/stats.json").text
    assert "This is no text" in client.get(f"{FILES}/model.pb").text
    assert f'href="{FILES}"' in client.get("/artifacts/a1").text


def test_a_download_cannot_act(folder, client):
    (folder / "page ü.html").write_text(SCRIPT)
    found = client.get(f"{FILES}/page ü.html?download=1")
    assert found.text == SCRIPT
    assert found.mimetype == "application/octet-stream"
    assert found.headers["Content-Disposition"].startswith("attachment; filename*=UTF-8''page%20")
    assert found.headers["X-Content-Type-Options"] == "nosniff"
    assert "<script" not in client.get(f"{FILES}/page ü.html").text.replace("<script type", "")


@pytest.mark.medium
@pytest.mark.parametrize(
    "path", ["../secret.txt", "%2e%2e/secret.txt", "..%2f..%2f..%2fsecret.txt", "nothing", ".",
             "%00", "link", "inside", "fifo"],
)  # fmt: skip
@pytest.mark.parametrize("more", ["", "?download=1"])
def test_nothing_but_its_own_files(folder, client, path, more):
    (folder / "link").symlink_to(folder.parents[3] / "secret.txt")
    (folder / "inside").symlink_to(folder.parents[2] / "secret.txt")
    os.mkfifo(folder / "fifo")
    found = client.get(f"{FILES}/{path}{more}", follow_redirects=True)
    assert "secret" not in found.text.replace("secret.txt", "")
    assert found.status_code == 404
    assert "1 file, 100 B" in client.get(FILES).text


def test_a_large_text_is_cut_and_files_that_are_gone_are_said_to_be(folder, client):
    (folder / "log.txt").write_text("ü" * 400_000)
    assert client.get(f"{FILES}/log.txt").text.count("ü") == (1 << 17)
    for each in folder.iterdir():
        each.unlink()
    folder.rmdir()
    assert "Its files are gone" in client.get(FILES).text


def test_names_of_any_bytes_are_listed_read_and_kept(folder, client):
    names = [b"\xff\xfe.txt", 'ü "a"; b.txt'.encode(), b"line\nend.txt", b"#q?x=%2e.txt"]
    for number, name in enumerate(names):
        Path(os.fsdecode(os.path.join(os.fsencode(folder), name))).write_text(f"text {number}")
    listed = client.get(FILES)
    assert listed.status_code == 200
    links = [html.unescape(each) for each in re.findall(rf'href="({FILES}/[^"]+)"', listed.text)]
    read = {link: client.get(link) for link in links if not link.endswith("/content")}
    assert len(read) == len(names)
    assert {each.status_code for each in read.values()} == {200}
    assert all(any(f"text {n}" in each.text for each in read.values()) for n in range(len(names)))
    for link in read:
        kept = client.get(f"{link}?download=1")
        assert kept.status_code == 200
        assert kept.data.startswith(b"text ")
        assert kept.headers["Content-Disposition"].isascii()
