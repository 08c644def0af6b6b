"""Files that tell one place from another."""

from pathlib import Path

import pytest

from documents.place_id import place_id


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
