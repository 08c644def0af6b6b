"""Files that tell one place from another."""

import shutil
from pathlib import Path

import pytest

from documents.place_id import one_place, place_id


def test_a_place_stays_the_same_wherever_it_is_moved(tmp_path: Path):
    first = place_id(tmp_path / "a" / ".id")
    assert place_id(tmp_path / "a" / ".id") == first
    (tmp_path / "a").rename(tmp_path / "b")
    assert place_id(tmp_path / "b" / ".id") == first
    assert place_id(tmp_path / "a" / ".id") != first
    assert [path.name for path in (tmp_path / "a").iterdir()] == [".id"]


@pytest.mark.parametrize("content", [b"", b"\xff", b"a b", b"{}"])
def test_a_damaged_one_is_made_anew(tmp_path: Path, content: bytes):
    path = tmp_path / ".id"
    path.write_bytes(content)
    found = place_id(path)
    assert found.isalnum()
    assert path.read_text() == found == place_id(path)


def test_a_copy_is_another_place(tmp_path: Path):
    first = one_place(tmp_path / "a" / ".id")
    shutil.copytree(tmp_path / "a", tmp_path / "copied")
    assert place_id(tmp_path / "copied" / ".id") == place_id(tmp_path / "a" / ".id")
    assert one_place(tmp_path / "copied" / ".id") != first
    (tmp_path / "a").rename(tmp_path / "moved")
    assert one_place(tmp_path / "moved" / ".id") == first
