"""A manifest: a CSV or JSON Lines file of paths and columns, so that photos and columns mix."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

from components.example_gen.formats.csv.format import Csv
from components.example_gen.formats.format import Batch, Format, FormatError, Range
from components.example_gen.formats.jsonl.format import Jsonl
from documents.shown import shown


class Manifest(Format):
    """Cells of images are paths, relative to the folder of the manifest."""

    NAME: ClassVar[str] = "manifest"
    SUFFIXES: ClassVar[tuple[str, ...]] = (*Csv.SUFFIXES, *Jsonl.SUFFIXES)

    def names(self, source: str) -> Sequence[str]:
        """See Format."""
        return self._of(source).names(source)

    def ranges(self, source: str, size: int) -> Iterator[Range]:
        """See Format."""
        return self._of(source).ranges(source, size)

    def batches(self, part: Range) -> Iterator[Batch]:
        """See Format."""
        return self._of(part.path).batches(part)

    def _of(self, path: str) -> Format:
        if not self.columns.of_files:
            raise FormatError(
                f"{shown(path)} is to be a manifest, but no feature is an image; declare the column"
                " of paths as {kind: image, ...}, or take the format csv."
            )
        kind = Jsonl if path.lower().endswith(Jsonl.SUFFIXES) else Csv
        return kind(self.options, self.columns)
