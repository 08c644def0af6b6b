"""A folder of images for each class; also below `train`, `eval` and `test`."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from typing import ClassVar

from components.example_gen.formats import files
from components.example_gen.formats.format import BadRow, Batch, Format, FormatError, Range
from components.example_gen.shards import TRAIN
from components.example_gen.splits import split_called
from documents.shown import shown
from models.features.image.conversion import SUFFIXES

SPLIT_FOLDER = "folder"
"""Column with the name of the folder of a split, for `split: {by: column, column: folder}`."""
LARGEST_FILE = 256 << 20
"""Bytes of an image file."""

_FILES = 32
_EXPECTED = 20_000
"""Bytes of an image on a file system that is slow to ask."""


class ImageFolder(Format):
    """Rows are files; cells are their content and the name of the folder that they lie in."""

    NAME: ClassVar[str] = "image_folder"

    def sources(self, paths: Iterable[str]) -> list[str]:
        """See Format: the folders themselves."""
        paths = sorted(paths)
        for path in paths:
            if not files.is_folder(path):
                raise FormatError(
                    f"{shown(path)} is no folder; name the one in data.files that holds a folder"
                    " for each class."
                )
            self._demand_classes(path)
            self._refuse_mixing(path)
        return paths

    def contents(self, source: str) -> Iterator[str]:
        """See Format; nothing outside is read."""
        return (entry.path for entry in files.walk(source, SUFFIXES) if not entry.problem)

    def measure(self, source: str) -> int:
        """See Format."""
        if files.is_local(source):
            return sum(map(_size, self.contents(source)))
        return sum(_EXPECTED for _ in self.contents(source))

    def ranges(self, source: str, size: int) -> Iterator[Range]:
        """See Format. Files come in an order of their own, so that no range has one class only."""
        members: list[tuple[str, str]] = []
        held = 0
        for path in sorted(self._paths(source), key=lambda path: _scattered(path, source)):
            members.append((path, os.path.relpath(path, source)))
            held += _size(path) if files.is_local(path) else _EXPECTED
            if held >= size:
                yield Range(source, 0, len(members), members=tuple(members))
                members, held = [], 0
        if members:
            yield Range(source, 0, len(members), members=tuple(members))

    def batches(self, part: Range) -> Iterator[Batch]:
        """See Format."""
        for start in range(0, len(part.members), _FILES):
            yield self._batch(part.path, part.members[start : start + _FILES])

    def _batch(self, root: str, members: Iterable[tuple[str, str]]) -> Batch:
        [image] = self.columns.of_files
        paths: list[str] = []
        cells: dict[str, list[object]] = {name: [] for name in self.columns.needed}
        bad: list[BadRow] = []
        for path, below in members:
            folders = below.split("/")[:-1]
            split = folders.pop(0) if len(folders) > 1 and split_called(folders[0]) else None
            try:
                content = self._content(path, root, folders)
            except _UnreadableError as error:
                bad.append(BadRow(path, None, str(error)))
                continue
            row = {image: content, self.columns.label: folders[0], SPLIT_FOLDER: split}
            for name, column in cells.items():
                column.append(row[name])
            paths.append(path)
        return Batch(root, [None] * len(paths), dict(cells), tuple(bad), paths)

    def _content(self, path: str, root: str, folders: list[str]) -> bytes:
        if files.is_local(path) and os.path.isdir(path):
            raise _UnreadableError("is a link to a folder; put the folder itself there")
        if not folders:
            raise _UnreadableError("lies in no folder of a class")
        if len(folders) > 1:
            raise _UnreadableError(
                f"lies too deep: put it into {shown(folders[0])}, or {shown(folders[-1])} beside it"
            )
        if files.is_local(path) and (problem := files.link_problem(path, root)):
            raise _UnreadableError(problem)
        try:
            with files.opened(path) as file:
                content = file.read(LARGEST_FILE + 1)
        except OSError as error:
            raise _UnreadableError(f"cannot be read ({error.strerror or error})") from error
        if len(content) > LARGEST_FILE:
            raise _UnreadableError(f"is larger than {LARGEST_FILE >> 20} MiB")
        return content

    def _paths(self, source: str) -> Iterator[str]:
        return (entry.path for entry in files.walk(source, SUFFIXES))

    def _refuse_mixing(self, folder: str) -> None:
        """A test set that somebody has put apart is not learned from without being told to."""
        found = files.folders(folder)
        if SPLIT_FOLDER not in self.columns.needed and any(
            split_called(name) == TRAIN for name in found
        ):
            raise FormatError(
                f"{shown(folder)} holds the folders {', '.join(map(shown, found[:5]))}: set"
                f" data.split to {{by: column, column: {SPLIT_FOLDER}, eval_from_train: true}} to"
                " keep them apart, or name one of them in data.files."
            )

    def _demand_classes(self, folder: str) -> None:
        columns = self.columns
        others = [name for name in columns.needed if name not in (columns.label, SPLIT_FOLDER)]
        if len(columns.of_files) != 1 or others != [*columns.of_files]:
            raise FormatError(
                f"Format {self.NAME} gives one image and a label, but features are"
                f" {', '.join(map(shown, others))}; leave one image, or take the format manifest."
            )
        if next(self._paths(folder), None) is None:
            raise FormatError(
                f"{shown(folder)} holds no files; put a folder of images for each class there."
            )


class _UnreadableError(ValueError):
    """Why a file is no row: the end of a sentence."""


def _size(path: str) -> int:
    try:
        return os.stat(path).st_size
    except OSError:
        return 0


def _scattered(path: str, source: str) -> bytes:
    below = os.path.relpath(path, source)
    return hashlib.blake2b(below.encode("utf-8", "surrogateescape"), digest_size=8).digest()
