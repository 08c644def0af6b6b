"""A folder of images as `init` sees it: headers and digests, without decoding a pixel."""

from __future__ import annotations

import dataclasses
import hashlib
import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from components.example_gen.formats import files
from components.example_gen.formats.files_of_rows import LARGEST
from components.example_gen.formats.format import FormatError
from components.example_gen.shards import TRAIN
from components.example_gen.splits import split_called
from documents.shown import shown
from models.features.cells import CellError, text_of
from models.features.image.conversion import read_header

_LARGEST_SIDE = 64
"""Pixels; larger images are scaled to it unless the settings say otherwise."""
_MOST_LISTED = 1_000


@dataclasses.dataclass
class ImagesReport:
    """What was found."""

    classes: Counter[str] = dataclasses.field(default_factory=Counter)
    sizes: Counter[tuple[int, int]] = dataclasses.field(default_factory=Counter)
    """Height and width."""
    is_coloured: bool = False
    bad: list[tuple[str, str]] = dataclasses.field(default_factory=list)
    bad_files: int = 0
    duplicates: int = 0
    contradictions: int = 0
    """Of these, files whose first copy lies in the folder of another class."""
    contradicting: list[tuple[str, str]] = dataclasses.field(default_factory=list)
    """The first of them, with that copy."""
    has_splits: bool = False
    empty: list[str] = dataclasses.field(default_factory=list)
    """Folders of classes without an image."""

    @property
    def size(self) -> list[int]:
        """Height and width that are proposed: those of all files, or a square that is not large."""
        if len(self.sizes) == 1:
            [(height, width)] = self.sizes
            if max(height, width) <= _LARGEST_SIDE:
                return [height, width]
        side = min(_LARGEST_SIDE, max(max(size) for size in self.sizes))
        return [side, side]

    @property
    def feature(self) -> dict[str, Any]:
        """The kind as the settings have it."""
        return {"kind": "image", "size": self.size, "channels": 3 if self.is_coloured else 1}

    def refuse(self, path: str, reason: str) -> None:
        """Counts a file that is no image."""
        self.bad_files += 1
        if len(self.bad) < _MOST_LISTED:
            self.bad.append((path, reason))


def look(folder: Path, tell: Callable[[int], None]) -> ImagesReport:
    """Reads every file once.

    Args:
      tell: called with the number of files, now and then.

    Raises:
      FormatError: it is no folder, or holds no image in a folder of a class.
    """
    root = str(folder)
    if not folder.is_dir():
        raise FormatError(
            f"{shown(folder)} is no folder; name the one with a folder for each class."
        )
    report = ImagesReport(has_splits=any(split_called(of) == TRAIN for of in files.folders(root)))
    seen: dict[bytes, tuple[str, str]] = {}
    deep = 0
    for number, entry in enumerate(files.walk(root), start=1):
        folders = entry.path[len(root) :].lstrip("/").split("/")[:-1]  # relpath is slow
        if report.has_splits and len(folders) > 1 and split_called(folders[0]):
            folders = folders[1:]
        if entry.problem or len(folders) != 1:
            deep += len(folders) > 1 and not entry.problem
            report.refuse(entry.path, entry.problem or "lies in no folder of a class, or too deep")
        elif problem := _name_problem(folders[0]):
            report.refuse(entry.path, f"lies in a folder whose name {problem}")
        else:
            look_at(entry.path, folders[0], seen, report)
        if number % 1_000 == 0:
            tell(number)
    if not report.classes:
        raise FormatError(
            f"{shown(folder)} holds no image file in a folder of its class"
            f"{': ' + shown(report.bad[0][0]) + ' ' + report.bad[0][1] if report.bad else ''}"
            f"{_below(root) if deep else ''}."
        )
    report.empty = sorted(_class_folders(root, report.has_splits) - report.classes.keys())
    return report


def _name_problem(name: str) -> str | None:
    """Why no class can be called so; None where one can."""
    try:
        text_of(name)
    except CellError as error:
        return str(error)
    return None


def _below(root: str) -> str:
    """Where archives put one folder around all: what to name instead."""
    found = files.folders(root)
    return f"; name {shown(os.path.join(root, found[0]))} instead" if len(found) == 1 else ""


def _class_folders(root: str, has_splits: bool) -> set[str]:
    found = files.folders(root)
    if not has_splits:
        return set(found)
    splits = [name for name in found if split_called(name)]
    return {name for split in splits for name in files.folders(os.path.join(root, split))}


def look_at(
    path: str, label: str, seen: dict[bytes, tuple[str, str]], report: ImagesReport
) -> None:
    """Adds one file to the report.

    Args:
      seen: path and label by digest, of those before.
    """
    try:
        with files.opened(path) as file:
            content = file.read(LARGEST + 1)
        if len(content) > LARGEST:
            raise ValueError(f"is larger than {LARGEST >> 20} MiB")
        header = read_header(content)
    except (OSError, ValueError) as error:
        report.refuse(path, str(getattr(error, "strerror", None) or error))
        return
    report.classes[label] += 1
    report.sizes[(header.height, header.width)] += 1
    report.is_coloured |= header.is_coloured
    digest = hashlib.blake2b(content, digest_size=16).digest()
    if digest in seen:
        report.duplicates += 1
        first, other = seen[digest]
        if other != label:
            report.contradictions += 1
            if report.contradictions <= _MOST_LISTED:
                report.contradicting.append((path, first))
    else:
        seen[digest] = (path, label)
