"""Files of artifacts on their way between a bucket and a folder."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from pipeline.local.nodes.staging.transfer import TransferError, fetch, store
from serving.base_path import storage
from serving.objects.store import LARGEST_REQUEST
from tests.serving.stores import Store

pytestmark = pytest.mark.slow  # starts a server

LARGE = bytes(range(256)) * (LARGEST_REQUEST // 256 + 1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "model"
    (folder / "sub").mkdir(parents=True)
    (folder / "large").write_bytes(LARGE)
    (folder / "sub" / "empty").touch()
    return folder


def read(folder: Path) -> dict[str, bytes]:
    return {path: (folder / path).read_bytes() for path in storage.files(str(folder))}


def test_there_and_back_whatever_was_there(s3_root: str, folder: Path, tmp_path: Path):
    store(str(folder), s3_root)
    (tmp_path / "copy").mkdir()
    (tmp_path / "copy" / "old").touch()
    fetch(s3_root, str(tmp_path / "copy"), str(tmp_path / "scratch"))
    assert read(tmp_path / "copy") == {"large": LARGE, "sub/empty": b""}
    assert [*(tmp_path / "scratch").iterdir()] == []


def test_one_file_and_none(s3_root: str, folder: Path, tmp_path: Path):
    store(str(folder / "large"), f"{s3_root}/value")
    fetch(f"{s3_root}/value", str(tmp_path / "a" / "value"), str(tmp_path / "scratch"))
    assert (tmp_path / "a" / "value").read_bytes() == LARGE
    fetch(f"{s3_root}/nothing", str(tmp_path / "nothing"), str(tmp_path / "scratch"))
    assert [*(tmp_path / "nothing").iterdir()] == []


@pytest.mark.parametrize("name", ["../../outside", "a/../../../outside", "a//b"])
def test_no_object_leaves_the_folder(s3: Store, s3_root: str, tmp_path: Path, name: str):
    s3.write(f"{s3_root}/{name}")
    with pytest.raises(TransferError, match="which is no file of an artifact; remove it"):
        fetch(s3_root, str(tmp_path / "copy" / "model"), str(tmp_path / "scratch"))
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


@pytest.mark.parametrize("byte", [200, 5_000, 1_000_000])
def test_a_connection_that_is_cut_is_made_again(
    s3: Store, s3_root: str, folder: Path, tmp_path: Path, byte: int
):
    s3.wire.cut_at(byte)
    store(str(folder), s3_root)
    s3.wire.cut_at(byte)
    fetch(s3_root, str(tmp_path / "copy"), str(tmp_path / "scratch"))
    assert read(tmp_path / "copy") == read(folder)


def test_a_store_that_stays_away_leaves_what_was_there(
    s3: Store, s3_root: str, folder: Path, tmp_path: Path
):
    store(str(folder), s3_root)
    s3.wire.cut_at(1_000_000, for_good=True)
    with pytest.raises(TransferError, match=rf"^{s3_root}/large cannot be fetched: the store fail"):
        fetch(s3_root, str(folder), str(tmp_path / "scratch"))
    with pytest.raises(TransferError, match=rf"^{s3_root}/.* cannot be stored: the store failed"):
        store(str(folder), s3_root)
    assert read(folder) == {"large": LARGE, "sub/empty": b""}


def test_what_this_machine_cannot_hold_is_no_fault_of_the_store(
    s3_root: str, folder: Path, tmp_path: Path
):
    store(str(folder), s3_root)
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="File exists"):
        fetch(s3_root, str(tmp_path / "file" / "copy"), str(tmp_path / "scratch"))


def test_after_an_error_nobody_waits_for_a_large_file(s3_root: str, tmp_path: Path):
    (tmp_path / "model" / "b").mkdir(parents=True)
    with (tmp_path / "model" / "a").open("wb") as file:
        file.truncate(1 << 28)
    os.mkfifo(tmp_path / "model" / "b" / "none")
    began = time.process_time()
    with pytest.raises(OSError, match="is a FIFO, not a file"):
        store(str(tmp_path / "model"), s3_root)
    assert time.process_time() - began < 2
