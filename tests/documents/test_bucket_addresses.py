from __future__ import annotations

import os
from pathlib import Path

import pytest

from documents.bucket_addresses import note_address, read_addresses


def test_the_last_address_is_the_first_and_each_is_there_once(tmp_path: Path) -> None:
    assert read_addresses(tmp_path) == ()
    for address in ("gs://a/runs", "gs://b/runs/", "gs://a/runs/"):
        note_address(tmp_path, address)
    assert read_addresses(tmp_path) == ("gs://a/runs", "gs://b/runs")
    file = tmp_path / "artifacts.address"
    before = file.stat().st_mtime_ns, file.stat().st_ino
    note_address(tmp_path, "gs://a/runs")
    assert (file.stat().st_mtime_ns, file.stat().st_ino) == before


def test_only_the_last_ones_are_kept(tmp_path: Path) -> None:
    for number in range(25):
        note_address(tmp_path, f"gs://bucket/{number}")
    assert read_addresses(tmp_path) == tuple(f"gs://bucket/{n}" for n in range(24, 4, -1))


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"/etc\n\n", b"x" * 100_000])
def test_a_file_that_holds_no_address_names_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "artifacts.address").write_bytes(content)
    assert read_addresses(tmp_path) == ()


def test_nothing_else_than_a_file_is_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "artifacts.address")
    assert read_addresses(tmp_path) == ()
