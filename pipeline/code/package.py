"""This project, and a user's folder of code, as source distributions for Beam's workers elsewhere.

The project is not built by its setup.py here, which would write into the checkout.
"""

from __future__ import annotations

import gzip
import io
import tarfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from pipeline.code.hash import PACKAGES

_LARGEST = 1 << 20
"""Bytes of a file that goes along: code and lists of words, no data."""
_PROJECT_FILES = ("setup.py", "local_runner.py", "kubeflow_runner.py")
_PROJECT_FOLDERS = (*PACKAGES, "inspection", "configs")
_SETUP = """\
from setuptools import setup

setup(
    name={name!r}, version="0", packages={packages!r}, package_data={{"": ["*"]}}
)
"""


def write_package(folder: Path, target: Path) -> Path:
    """Writes `NAME-0.tar.gz` of a folder called NAME; the same bytes for the same files.

    Args:
      folder: of the user's code.
      target: an existing folder.
    """
    name = folder.name
    found = [*_files(folder)]
    packages = sorted({".".join(path.parent.relative_to(folder.parent).parts) for path in found})
    contents = {"setup.py": _SETUP.format(name=name, packages=packages).encode()}
    for path in found:
        contents[path.relative_to(folder.parent).as_posix()] = path.read_bytes()
    return _packed(target, f"{name}-0", contents)


def write_project(source: Path, target: Path) -> Path:
    """Writes this project's source distribution; the same bytes for the same files.

    Args:
      source: the checkout, or where the project is installed.
      target: an existing folder.
    """
    paths = [source / name for name in _PROJECT_FILES]
    for name in _PROJECT_FOLDERS:
        paths += (path for path in (source / name).rglob("*") if "__pycache__" not in path.parts)
    contents = {
        path.relative_to(source).as_posix(): path.read_bytes() for path in paths if path.is_file()
    }
    return _packed(target, "tfx-hub-serving-0", contents)


def _packed(target: Path, name: str, contents: Mapping[str, bytes]) -> Path:
    archive = target / f"{name}.tar.gz"
    with (
        gzip.GzipFile(archive, "wb", mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w") as tar,
    ):
        for place, content in sorted(contents.items()):
            entry = tarfile.TarInfo(f"{name}/{place}")
            entry.size, entry.mode = len(content), 0o644
            tar.addfile(entry, io.BytesIO(content))
    return archive


def _files(folder: Path) -> Iterator[Path]:
    """The files of folders that hold code, in order; links are followed by nobody."""
    entries = sorted(folder.iterdir())
    if any(entry.suffix == ".py" for entry in entries):
        for entry in entries:
            if entry.is_symlink() or not entry.is_file() or entry.name.startswith("."):
                continue
            if entry.suffix == ".py" or entry.stat().st_size <= _LARGEST:
                yield entry
    for entry in entries:
        is_package = entry.name.isidentifier() and entry.name != "__pycache__"
        if is_package and entry.is_dir() and not entry.is_symlink():
            yield from _files(entry)
