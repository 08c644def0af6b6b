from __future__ import annotations

import gzip
import io
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pytest

from pipeline.files import archive
from pipeline.files.archive import ArchiveError, unpack

TABLE = b"id,text\n1,a\n"


def tar(mode: Any, *members: tuple[str, bytes | None]) -> bytes:
    """A member without content is a link to /etc/passwd."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode=mode) as made:
        for name, content in members:
            info = tarfile.TarInfo(name)
            if content is None:
                info.type, info.linkname = tarfile.SYMTYPE, "/etc/passwd"
            info.size = len(content or b"")
            made.addfile(info, io.BytesIO(content or b""))
    return file.getvalue()


def zipped(**members: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in members.items():
            made.writestr(f"a/{name}.csv" if name == "table" else name, content)
    return file.getvalue()


NESTED = tar("w:gz", ("p/other", b"x"), ("p/inner.zip", zipped(table=TABLE)))


@pytest.mark.parametrize(
    ("name", "content", "path"),
    [
        ("t.csv", TABLE, "t.csv"),
        ("t.csv.gz", gzip.compress(TABLE), "t.csv.gz"),
        ("a.tar", tar("w", ("./t.csv", TABLE)), "a.tar/t.csv"),
        ("a.tgz", tar("w:gz", ("x/t.csv.gz", gzip.compress(TABLE))), "a.tgz/x/t.csv.gz"),
        ("a.tar.xz", tar("w:xz", ("t.csv", TABLE)), "a.tar.xz/t.csv"),
        ("a.zip", zipped(table=TABLE), "a.zip/a/table.csv"),
        ("a-1.0.tar.gz", NESTED, "a-1.0.tar.gz/p/inner.zip/a/table.csv"),
    ],
)
def test_a_file_is_had_through_archives(tmp_path: Path, name: str, content: bytes, path: str):
    (tmp_path / name).write_bytes(content)
    assert archive.outer(f"below/{path}") == f"below/{name}"
    assert archive.is_packed(path) == (name != "t.csv")
    target = tmp_path / "out" / archive.name(path)
    target.parent.mkdir()
    unpack(tmp_path / name, path, target)
    assert target.read_bytes() == TABLE
    assert not target.name.endswith(".gz")
    assert [*target.parent.iterdir()] == [target]


@pytest.mark.parametrize(
    ("name", "content", "path", "said"),
    [
        ("a.tgz", NESTED, "a.tgz/p/none.csv", "a.tgz holds no p/none.csv"),
        ("a.zip", zipped(table=TABLE), "a.zip/x.csv", "a.zip holds no x.csv"),
        ("a.tgz", tar("w:gz", ("t.csv", None)), "a.tgz/t.csv", "t.csv in a.tgz is no plain file"),
        ("a.tgz", NESTED[:100], "a.tgz/p/inner.zip", "a.tgz is a damaged archive"),
        ("a.zip", b"<html>", "a.zip/a/table.csv", "a.zip is a damaged archive"),
        ("t.csv.gz", b"id,text", "t.csv.gz", "t.csv.gz is damaged"),
        ("t.csv.gz", gzip.compress(TABLE)[:-6], "t.csv.gz", "t.csv.gz is damaged"),
        ("a.tgz", tar("w:gz", ("i.zip", b"x")), "a.tgz/i.zip/a", "i.zip is a damaged archive"),
    ],
)
def test_what_cannot_be_had_is_one_sentence(
    tmp_path: Path, name: str, content: bytes, path: str, said: str
):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ArchiveError, match=said):
        unpack(tmp_path / name, path, tmp_path / "out")


def test_a_bomb_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(archive, "LARGEST", 1_000)
    (tmp_path / "t.gz").write_bytes(gzip.compress(bytes(2_000)))
    (tmp_path / "a.tgz").write_bytes(tar("w:gz", ("zeros", bytes(2_000)), ("t", b"x")))
    (tmp_path / "a.zip").write_bytes(zipped(table=bytes(2_000)))
    for path in ("t.gz", "a.tgz/t", "a.zip/a/table.csv"):
        with pytest.raises(ArchiveError, match=r"larger than|more than is allowed"):
            unpack(tmp_path / path.split("/")[0], path, tmp_path / "out")
