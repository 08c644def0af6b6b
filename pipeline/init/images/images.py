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
from components.example_gen.shards import EVAL, TRAIN
from components.example_gen.splits import SPLITS, split_called
from documents.cells.cell import CellError, text_of
from documents.shown import shown
from models.features.image.conversion import SUFFIXES, read_header
from pipeline.init.folders.no_images import foreign_file, of_layout, of_others

_LARGEST_SIDE = 64
"""Pixels; larger images are scaled to it unless the settings say otherwise."""
_MOST_LISTED = 1_000
FEWEST_TO_JUDGE = 30
"""Images of a folder for the evaluation, below which some of train are added to it."""


@dataclasses.dataclass
class ImagesReport:
    """What was found."""

    classes: Counter[str] = dataclasses.field(default_factory=Counter)
    sizes: set[tuple[int, int]] = dataclasses.field(default_factory=set)
    """Height and width."""
    is_coloured: bool = False
    bad: list[tuple[str, str]] = dataclasses.field(default_factory=list)
    bad_files: int = 0
    companions: int = 0
    """Files that are called as an image beside them, but for their ending, and are left out."""
    duplicates: int = 0
    contradictions: int = 0
    """Of these, files whose first copy lies in the folder of another class."""
    contradicting: list[tuple[str, str]] = dataclasses.field(default_factory=list)
    """The first of them, with that copy."""
    splits: dict[str, Counter[str]] = dataclasses.field(default_factory=dict)
    """The classes of each split that has a folder; nothing where none is called train."""
    empty: list[str] = dataclasses.field(default_factory=list)
    """Folders of classes without an image."""

    @property
    def has_splits(self) -> bool:
        """Whether folders of splits stand above those of classes."""
        return bool(self.splits)

    @property
    def needs_eval(self) -> bool:
        """Whether some of train has to be kept for the evaluation."""
        return self.splits.get(EVAL, Counter()).total() < FEWEST_TO_JUDGE

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


def look(folder: Path, tell: Callable[[int], None], asked: str | None = None) -> ImagesReport:
    """Reads every file once.

    Args:
      tell: called with the number of files, now and then.
      asked: the pattern of spans that fits `folder`, if it is one of them.

    Raises:
      FormatError: it is no folder, or holds no image in a folder of a class.
    """
    root = str(folder)
    if not folder.is_dir():
        told = foreign_file(root) if folder.is_file() else None
        raise FormatError(
            f"{shown(folder)} {told or 'is no folder; name the one with a folder for each class'}."
        )
    report = ImagesReport()
    called = [split_called(of) for of in files.folders(root)]
    if TRAIN in called:
        report.splits = {split: Counter() for split in SPLITS if split in called}
    seen: dict[bytes, tuple[str, str]] = {}
    deep = flat = 0
    number = 0
    for number, entry in enumerate(files.walk(root, SUFFIXES), start=1):
        folders = entry.path[len(root) :].lstrip("/").split("/")[:-1]  # relpath is slow
        split = split_called(folders[0]) if report.has_splits and len(folders) > 1 else None
        if split:
            folders = folders[1:]
        if entry.problem or len(folders) != 1:
            deep += len(folders) > 1 and not entry.problem
            flat += not folders and entry.path.lower().endswith(SUFFIXES)
            report.refuse(entry.path, entry.problem or "lies in no folder of a class, or too deep")
        elif report.has_splits and not split and split_called(folders[0]):
            report.refuse(entry.path, "lies in the folder of a split, and there in none of a class")
        elif problem := _name_problem(folders[0]):
            report.refuse(entry.path, f"lies in a folder whose name {problem}")
        elif look_at(entry.path, folders[0], seen, report) and split:
            report.splits[split][folders[0]] += 1
        if number % 1_000 == 0:
            tell(number)
    report.companions = sum(1 for _ in files.walk(root)) - number
    if not report.classes:
        # Of a folder of other files that is more than that they are no images.
        if told := of_others(root):
            raise FormatError(f"{shown(folder)} holds no image{told}.")
        raise FormatError(
            f"{shown(folder)} holds no image file in a folder of its class"
            f"{': ' + shown(report.bad[0][0]) + ' ' + report.bad[0][1] if report.bad else ''}"
            f"{of_layout(root, deep, flat, asked)}."
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


def _class_folders(root: str, has_splits: bool) -> set[str]:
    found = files.folders(root)
    if not has_splits:
        return set(found)
    splits = [name for name in found if split_called(name)]
    return {name for split in splits for name in files.folders(os.path.join(root, split))}


def look_at(
    path: str, label: str, seen: dict[bytes, tuple[str, str]], report: ImagesReport
) -> bool:
    """Adds one file to the report, and says whether it is an image.

    Args:
      seen: path and label by digest, of those before.
    """
    try:
        with files.opened(path) as file:
            content = file.read(LARGEST + 1)
    except OSError as error:
        report.refuse(path, error.strerror or str(error))
        return False
    return look_into(content, path, label, seen, report)


def look_into(
    content: bytes,
    path: str,
    label: str,
    seen: dict[bytes, tuple[str, str]],
    report: ImagesReport,
) -> bool:
    """As `look_at` for the content of a file, or of a cell; `path` says where it is."""
    try:
        if len(content) > LARGEST:
            raise ValueError(f"is larger than {LARGEST >> 20} MiB")
        header = read_header(content)
    except ValueError as error:
        report.refuse(path, str(error))
        return False
    report.classes[label] += 1
    report.sizes.add((header.height, header.width))
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
    return True
