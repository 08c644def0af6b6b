"""The ways in which a version can be half copied."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

from documents.saved_model import SAVED_MODEL, VARIABLES

INDEX = "variables.index"


def _nothing(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.mkdir()


def _half(file: Path) -> None:
    content = file.read_bytes()
    file.unlink()  # It may be a hard link to the original.
    file.write_bytes(content[: len(content) // 2])


def _data(folder: Path) -> Path:
    return next((folder / VARIABLES).glob("*.data-*"))


PARTIAL_COPIES: Mapping[str, Callable[[Path], None]] = {
    "an empty folder": _nothing,
    "no saved_model.pb": lambda folder: (folder / SAVED_MODEL).unlink(),
    "half of saved_model.pb": lambda folder: _half(folder / SAVED_MODEL),
    "no data of the variables": lambda folder: _data(folder).unlink(),
    "half the data of the variables": lambda folder: _half(_data(folder)),
    "half the index of the variables": lambda folder: _half(folder / VARIABLES / INDEX),
    # The C++ server loads these two and reports them AVAILABLE; then every predict fails.
    "no variables": lambda folder: shutil.rmtree(folder / VARIABLES),
    "no index of the variables": lambda folder: (folder / VARIABLES / INDEX).unlink(),
}
"""What spoils a complete copy, by what is wrong with it then."""


def spoil(folder: Path, how: str) -> bool:
    """Spoils a complete version; false where it has no such part, as without variables."""
    try:
        PARTIAL_COPIES[how](folder)
    except (FileNotFoundError, StopIteration):
        return False
    return True
