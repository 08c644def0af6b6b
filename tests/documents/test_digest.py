"""The same digests as `sha256sum` prints."""

from __future__ import annotations

import hashlib
import os
import subprocess
from pathlib import Path

import pytest

from documents.digest import file_digest, listing, listing_digest
from documents.regular_file import NotRegularError


@pytest.mark.medium
def test_a_file_has_the_digest_that_sha256sum_prints(tmp_path: Path) -> None:
    for size in (0, 1, (1 << 20) - 1, 1 << 20, (3 << 20) + 1):
        (tmp_path / "a").write_bytes(bytes(index % 251 for index in range(size)))
        printed = subprocess.check_output(["sha256sum", "a"], cwd=tmp_path, text=True)
        digest = file_digest(tmp_path / "a")
        assert listing({"a": digest}) == printed


def test_a_listing_is_sorted_and_its_digest_that_of_its_text(tmp_path: Path) -> None:
    digests = {}
    for name in ("b", "a/c", "a b"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(name)
        digests[name] = file_digest(path)
    printed = subprocess.check_output(["sha256sum", *sorted(digests)], cwd=tmp_path, text=True)
    assert listing(digests) == printed
    assert (
        listing_digest(digests)
        == subprocess.check_output(["sha256sum"], input=printed, text=True).split()[0]
    )


def test_a_name_that_is_no_utf_8_counts_as_its_bytes() -> None:
    name = os.fsdecode(b"caf\xe9")
    expected = hashlib.sha256(b"0" * 64 + b"  caf\xe9\n").hexdigest()
    assert listing_digest({name: "0" * 64}) == expected


def test_only_regular_files_have_one(tmp_path: Path) -> None:
    with pytest.raises(NotRegularError):
        file_digest(tmp_path)
    with pytest.raises(FileNotFoundError):
        file_digest(tmp_path / "none")
