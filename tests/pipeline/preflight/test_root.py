"""ROOT: what is refused before a run makes anything in it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from documents.workspace import Workspace
from pipeline.preflight.root import check_pipeline_root, check_root, find_root
from pipeline.settings import SettingsError

ODD = "a b'\"#%:@,é~$x{1}]"


@pytest.mark.parametrize("name", ["x", ODD, "-x", "./~", "../x", "a/" * 300])
def test_any_other_folder_will_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str):
    monkeypatch.chdir(tmp_path)
    assert find_root(name) == tmp_path / name
    assert find_root(tmp_path / name) == tmp_path / name


def test_a_tilde_is_the_home_folder(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HOME", "/home/me")
    assert find_root("~/runs") == Path("/home/me/runs")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("", "it is empty"),
        ("/a [1]", "it holds '['"),
        ("/a*", "it holds '*'"),
        ("/a?", "it holds '?'"),
        ("/a\\b", r"it holds '\\'"),
        ("/a\n", r"the control character '\n'"),
        ("/a\0", r"the control character '\x00'"),
        ("/" + "a" * 256, "it has a name of 256 bytes"),
        ("/a" * 1_900, "it is 3800 bytes long, and with what a run makes below it"),
        ("gs://bucket/root", "only a path can be read here"),
        ("~nobody-of-that-name", "there is no home folder for ~nobody-of-that-name"),
    ],
)
def test_where_no_run_can_have_its_artifacts_is_refused(given: str, said: str):
    with pytest.raises(SettingsError) as caught:
        find_root(given)
    assert str(caught.value).startswith("--root ")
    assert said in str(caught.value)
    assert str(caught.value).isprintable()


def test_a_relative_root_needs_a_folder_to_start_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    with pytest.raises(SettingsError, match="the current folder, which was deleted"):
        find_root("runs")
    assert find_root(tmp_path) == tmp_path


@pytest.mark.parametrize("name", ["artifacts", "logs", "checkpoints"])
@pytest.mark.parametrize("kind", ["file", "fifo", "broken link"])
def test_what_should_be_a_folder_is_named(tmp_path: Path, name: str, kind: str):
    _make(tmp_path / name, kind)
    with pytest.raises(SettingsError, match=rf"{name} must be a folder .* --root\.$"):
        check_root(Workspace(tmp_path))


@pytest.mark.parametrize("name", ["metadata.db", "request.json", ".run.lock", ".run.pid"])
@pytest.mark.parametrize("kind", ["folder", "fifo", "broken link"])
def test_what_should_be_a_file_is_named(tmp_path: Path, name: str, kind: str):
    _make(tmp_path / name, kind)
    with pytest.raises(SettingsError, match=rf"{name} must be a file .* --root\.$"):
        check_root(Workspace(tmp_path))


@pytest.mark.skipif(os.getuid() == 0, reason="root may write everywhere")
@pytest.mark.parametrize("name", ["logs", "metadata.db"])
def test_what_cannot_be_written_is_named(tmp_path: Path, name: str):
    _make(tmp_path / name, "folder" if name == "logs" else "file")
    (tmp_path / name).chmod(0o500)
    with pytest.raises(SettingsError, match=rf"{name} cannot be written; mend its permissions"):
        check_root(Workspace(tmp_path))


def test_a_root_with_earlier_runs_is_taken(tmp_path: Path):
    for folder in Workspace(tmp_path).folders:
        folder.mkdir()
    for file in Workspace(tmp_path).files:
        file.touch()
    check_root(Workspace(tmp_path))


def test_an_address_whose_copies_would_have_too_long_a_path_is_refused(tmp_path: Path):
    address = f"s3://bucket/{'a/' * 1_900}b"
    with pytest.raises(SettingsError, match=r"it takes \d{4} bytes, .*; choose another folder"):
        check_pipeline_root(address, tmp_path)


def _make(place: Path, kind: str) -> None:
    if kind == "folder":
        place.mkdir()
    elif kind == "fifo":
        os.mkfifo(place)
    elif kind == "broken link":
        place.symlink_to("/nowhere/at/all")
    else:
        place.touch()


def test_a_name_that_is_not_utf_8_is_refused():
    with pytest.raises(SettingsError, match="it is not UTF-8"):
        find_root(os.fsdecode(b"/srv/root\xff"))
