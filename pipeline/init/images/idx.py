"""A folder of IDX files as `init` sees it: headers and labels, and no image."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from components.example_gen.formats import files
from components.example_gen.formats.format import Columns, FormatError
from components.example_gen.formats.idx.format import SPLIT_FILE, Idx, split_of
from components.example_gen.formats.options import FormatOptions
from components.example_gen.shards import TRAIN
from documents.shown import shown
from pipeline.init.images.images import ImagesReport

IMAGE, LABEL = "image", "label"
_MAPPING = "mapping.txt"
_LONGEST = 1 << 16
"""Bytes of a mapping that are read; one of 62 classes has 500."""


@dataclasses.dataclass
class IdxReport(ImagesReport):
    """What was found; classes are called by their numbers, or as a mapping has them."""

    sources: Sequence[str] = ()
    numbers: Counter[int] = dataclasses.field(default_factory=Counter)
    shape: tuple[int, ...] = ()
    """Of an image: height, width and, if they are coloured, 3."""
    names: Mapping[int, str] = dataclasses.field(default_factory=dict)
    """Of classes, where a mapping lies beside the files."""

    @property
    def size(self) -> list[int]:
        """See the base class; numbers are not scaled."""
        return list(self.shape[:2])

    @property
    def data(self) -> dict[str, Any]:
        """How the files are split, as the settings have it."""
        if not any(split_of(path) == TRAIN for path in self.sources):
            return {}
        return {"split": {"by": "column", "column": SPLIT_FILE, "eval_from_train": True}}

    @property
    def values(self) -> dict[str, Any]:
        """The classes, as the settings have them."""
        ordered = sorted(self.numbers)
        first = ordered[0]
        if ordered != list(range(first, ordered[-1] + 1)):
            return {"values": {str(number): self.called(number) for number in ordered}}
        return {"values": [*map(self.called, ordered)], **({"first": first} if first else {})}

    def called(self, number: int) -> str:
        """The name of a class."""
        return self.names.get(number, str(number))


def look(folder: Path) -> IdxReport | None:
    """Reads headers and labels; None where the folder holds no file of that format.

    Raises:
      FormatError: a file is damaged, or images are of several sizes.
    """
    if not any(entry.path.endswith(Idx.SUFFIXES) for entry in files.walk(str(folder))):
        return None
    format_ = Idx(FormatOptions(), Columns((IMAGE, LABEL), LABEL, of_files=(IMAGE,)))
    report = IdxReport(sources=format_.sources([str(folder)]))
    for source in report.sources:
        shape, numbers = format_.looked_at(source)
        if report.shape and shape != report.shape:
            raise FormatError(
                f"{shown(source)} holds images of another size than"
                f" {shown(report.sources[0])}; put them into folders of their own."
            )
        report.shape = shape
        report.numbers += numbers
    report.is_coloured = len(report.shape) == 3
    mapping = _mapping(str(folder))
    if mapping.keys() >= report.numbers.keys():
        report.names = mapping
    report.classes = Counter(
        {report.called(number): count for number, count in report.numbers.items()}
    )
    return report


def _mapping(folder: str) -> dict[int, str]:
    """The sign that each number stands for, as EMNIST tells in a file: `10 65`, or `1 65 97` where
    a capital letter and the small one are a class. Nothing where not exactly one file says so."""
    paths = [entry.path for entry in files.walk(folder) if entry.path.endswith(_MAPPING)]
    found: dict[int, str] = {}
    try:
        for path in paths:
            with files.opened(path) as file:
                for line in file.read(_LONGEST).decode().splitlines():
                    number, code, *_ = map(int, line.split())
                    found[number] = chr(code)
    except (OSError, ValueError, OverflowError):
        return {}
    signs = found.values()
    are_names = len({*signs}) == len(found) and all(of.isprintable() and of != " " for of in signs)
    return found if are_names and len(paths) == 1 else {}
