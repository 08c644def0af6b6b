"""A folder of images as `init` sees it: headers and digests, without decoding a pixel."""

from __future__ import annotations

import dataclasses
import hashlib
import os
import struct
import warnings
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from components.example_gen.formats import files
from components.example_gen.formats.format import FormatError
from components.example_gen.shards import TRAIN
from components.example_gen.splits import split_called
from documents.shown import shown
from models.features.cells import CellError
from models.features.image.kind import Image

_LARGEST_SIDE = 64
"""Pixels; larger images are scaled to it unless the settings say otherwise."""
_HEADER = Image(kind="image", size=(1, 1))
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

    @property
    def size(self) -> list[int]:
        """Height and width that are proposed: those of all files, or a square that is not large."""
        if len(self.sizes) == 1:
            [(height, width)] = self.sizes
            if max(height, width) <= _LARGEST_SIDE:
                return [height, width]
        side = min(_LARGEST_SIDE, max(max(size) for size in self.sizes))
        return [side, side]

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
    for number, entry in enumerate(files.walk(root), start=1):
        folders = os.path.relpath(entry.path, root).split("/")[:-1]
        if report.has_splits and len(folders) > 1 and split_called(folders[0]):
            folders = folders[1:]
        if entry.problem or len(folders) != 1:
            report.refuse(entry.path, entry.problem or "lies in no folder of a class, or too deep")
        else:
            _look_at(entry.path, folders[0], seen, report)
        if number % 1_000 == 0:
            tell(number)
    if not report.classes:
        raise FormatError(
            f"{shown(folder)} holds no PNG or JPEG file in a folder of its class"
            f"{': ' + report.bad[0][0] + ' ' + report.bad[0][1] if report.bad else ''}."
        )
    return report


def _look_at(
    path: str, label: str, seen: dict[bytes, tuple[str, str]], report: ImagesReport
) -> None:
    try:
        with files.opened(path) as file:
            content = file.read()
        _HEADER.check_header(content)
        size, is_coloured = _header(content)
    except (OSError, CellError, ValueError, SyntaxError, struct.error) as error:
        report.refuse(path, str(getattr(error, "strerror", None) or error))
        return
    report.classes[label] += 1
    report.sizes[size] += 1
    report.is_coloured |= is_coloured
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


def _header(content: bytes) -> tuple[tuple[int, int], bool]:
    """Height, width, and whether there may be colours. Reads no pixels."""
    import io

    from PIL import Image as Pillow
    from PIL import UnidentifiedImageError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Pillow.open(io.BytesIO(content), formats=("PNG", "JPEG")) as image:
                return (image.height, image.width), image.mode not in ("1", "L", "LA", "I", "I;16")
    except (UnidentifiedImageError, Pillow.DecompressionBombError) as error:
        raise CellError("is a damaged PNG or JPEG file, or far too large") from error
