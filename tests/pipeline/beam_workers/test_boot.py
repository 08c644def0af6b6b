"""Packages that a worker gets; the protocol is tried in test_canary.py."""

from __future__ import annotations

import io
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from pipeline.beam_workers import boot
from pipeline.code.package import write_package
from tests.beam_service import BOOT


def tar(path: Path, **entries: bytes) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for name, content in entries.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return path


def test_a_source_distribution_is_imported_from_its_top_folder(tmp_path: Path):
    (tmp_path / "trips").mkdir()
    (tmp_path / "trips/mine.py").write_text("answer = 42\n")
    (tmp_path / "out").mkdir()
    package = write_package(tmp_path / "trips", tmp_path / "out")
    found = boot.unpack(package, package.name, tmp_path / "unpacked")
    assert (found / "trips/mine.py").read_text() == "answer = 42\n"


def test_a_wheel_of_pure_python_is_imported_from_its_folder(tmp_path: Path):
    wheel = tmp_path / "a-1-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("a/__init__.py", "")
        archive.writestr("../b/__init__.py", "")
    found = boot.unpack(wheel, wheel.name, tmp_path / "unpacked")
    assert (found / "a/__init__.py").is_file()
    assert not (tmp_path / "b").exists()


def test_a_link_out_of_the_package_is_refused(tmp_path: Path):
    path = tmp_path / "a-1.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        entry = tarfile.TarInfo("a-1/link")
        entry.type, entry.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(entry)
    with pytest.raises(boot.BootError, match=r"a-1\.tar\.gz is damaged"):
        boot.unpack(path, path.name, tmp_path / "unpacked")


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a-1.tar.gz", b"no archive", "is damaged"),
        ("a-1-py3-none-any.whl", b"no archive", "is damaged"),
        ("a-1-cp310-cp310-linux_x86_64.whl", b"", "not of pure Python"),
        ("requirements.txt", b"numpy", "neither a wheel nor a source distribution"),
    ],
)
def test_what_cannot_be_imported_is_refused(tmp_path: Path, name: str, content: bytes, said: str):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(boot.BootError, match=said):
        boot.unpack(tmp_path / name, name, tmp_path / "unpacked")


def test_code_that_has_to_be_compiled_is_refused(tmp_path: Path):
    package = tar(tmp_path / "a-1.tar.gz", **{"a-1/fast.c": b"int x;"})
    with pytest.raises(boot.BootError, match="not of pure Python"):
        boot.unpack(package, package.name, tmp_path / "unpacked")


def test_what_is_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(boot, "LARGEST", 1000)
    package = tar(tmp_path / "a-1.tar.gz", **{"a-1/zeros.py": bytes(2000)})
    with pytest.raises(boot.BootError, match="unpacks to more than"):
        boot.unpack(package, package.name, tmp_path / "unpacked")


def test_started_by_hand_it_says_who_starts_it(tmp_path: Path):
    """From a copy, as on a machine without the project."""
    (tmp_path / "boot.py").write_bytes(BOOT.read_bytes())
    done = subprocess.run(
        [sys.executable, "boot.py", "--id=1"], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 1
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("Worker 1 does not start: no --provision_endpoint is given")
