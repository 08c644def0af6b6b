"""A folder of IDX files as `init` sees it: headers and labels, and no image."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from components.example_gen.formats import files
from components.example_gen.formats.format import Columns, FormatError
from components.example_gen.formats.idx.format import SPLIT_FILE, Idx, split_of
from components.example_gen.formats.options import FormatOptions
from components.example_gen.shards import TRAIN
from documents.shown import shown
from pipeline.init.images import ImagesReport

IMAGE, LABEL = "image", "label"


@dataclasses.dataclass
class IdxReport(ImagesReport):
    """What was found; classes are called by their numbers."""

    sources: Sequence[str] = ()
    numbers: Counter[int] = dataclasses.field(default_factory=Counter)
    shape: tuple[int, ...] = ()
    """Of an image: height, width and, if they are coloured, 3."""

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
            return {"values": {str(number): str(number) for number in ordered}}
        return {"values": [*map(str, ordered)], **({"first": first} if first else {})}


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
    report.classes = Counter({str(number): count for number, count in report.numbers.items()})
    return report
