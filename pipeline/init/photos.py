"""Columns of a table whose cells are paths of images: the files are looked at, headers only."""

from __future__ import annotations

import os
from collections.abc import Sequence

from components.example_gen.formats import files
from components.example_gen.formats.format import Batch
from models.features.image.conversion import SUFFIXES
from pipeline.init.cells import plain
from pipeline.init.column import Column
from pipeline.init.images import ImagesReport, look_at


class Photos:
    """The columns of paths, as the first rows tell, and what was found in the files."""

    def __init__(self, columns: Sequence[Column], first: Batch):
        """Chooses columns whose cells are called as images are, one of which at least is there."""
        self.columns = [column for column in columns if _are_paths(first, column.name)]
        for column in self.columns:
            column.images = ImagesReport()
        self._seen: dict[str, dict[bytes, tuple[str, str]]] = {of.name: {} for of in self.columns}

    def add(self, batch: Batch, label: str) -> None:
        """Reads the files of some rows more."""
        folder = os.path.dirname(batch.path) or "."
        for column in self.columns:
            report = column.images
            assert report is not None
            for cell, answer in zip(batch.cells[column.name], batch.cells[label], strict=True):
                text = plain(cell)
                path = text and files.below(folder, text)
                if not path:
                    report.refuse(text or "", "is no path below the folder of the table")
                elif problem := files.link_problem(path, folder):
                    report.refuse(path, problem)
                else:
                    look_at(path, plain(answer) or "", self._seen[column.name], report)


def _are_paths(batch: Batch, name: str) -> bool:
    texts = [text for text in map(plain, batch.cells[name]) if text]
    if not texts or not all(text.lower().endswith(SUFFIXES) for text in texts):
        return False
    folder = os.path.dirname(batch.path) or "."
    found = (files.below(folder, text) for text in texts)
    return any(path and os.path.isfile(path) for path in found)
