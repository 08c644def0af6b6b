"""IDX files, as MNIST and its relatives are given: a file of images beside one of their labels.

Names may have anything in front, as `emnist-letters-train-images-idx3-ubyte.gz` does. The default
run's four files, whose last training images are `eval`, have an ExampleGen of their own.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import ClassVar

from components.example_gen.formats import files
from components.example_gen.formats.format import Batch, Columns, Format, FormatError, Range
from components.example_gen.formats.options import FormatOptions
from components.example_gen.idx import IdxError, IdxReader, demand_equal_counts
from components.example_gen.inflated import plain_copy
from components.example_gen.pair import IMAGES, LABELS
from components.example_gen.splits import TEST, split_called
from documents.cells.cell import Cell
from documents.shown import shown

SPLIT_FILE = "file"
"""Column with what the name of a file says of its split, `train` or `test`, for
`split: {by: column, column: file, eval_from_train: true}`."""
_WORD = re.compile("[A-Za-z0-9]+")
_OLD_TEST = "t10k"
"""What MNIST calls its ten thousand test images."""


class Idx(Format):
    """Rows are images, numbered from 1. Cells are pixels, uint8, and numbers for labels."""

    NAME: ClassVar[str] = "idx"
    SUFFIXES: ClassVar[tuple[str, ...]] = (*IMAGES, *(f"{name}.gz" for name in IMAGES))

    def __init__(self, options: FormatOptions, columns: Columns):
        self._images = columns.of_files
        # Cells hold the pixels themselves, and no path of a file.
        super().__init__(options, dataclasses.replace(columns, of_files=()))

    def sources(self, paths: Iterable[str]) -> list[str]:
        """See Format: the files of images. A plain one beside its .gz is a copy."""
        found = super().sources(path for path in paths if not _holds_labels(path))
        self._demand_columns(found[0])
        found = [path for path in found if f"{path}.gz" not in found]
        for path in found:
            _labels(path)
        return found

    def contents(self, source: str) -> Iterator[str]:
        """See Format."""
        yield source
        yield _labels(source)

    def looked_at(self, source: str) -> tuple[tuple[int, ...], Counter[int]]:
        """The shape of an image, and how often each number is a label; reads no image.

        Raises:
          FormatError: a file is damaged.
        """
        with self._opened(source) as (images, labels):
            numbers: Counter[int] = Counter()
            for some in labels.batches(0, labels.shape[0]):
                numbers.update(some.tolist())
            return images.shape[1:], numbers

    def ranges(self, source: str, size: int) -> Iterator[Range]:
        """See Format; counted in images."""
        with self._opened(source) as (images, labels):
            demand_equal_counts(images.shape[0], source, labels.shape[0], labels.name)
            count = images.shape[0]
        step = max(1, count * size // max(1, self.measure(source)))
        for start in range(0, count, step):
            yield Range(source, start, min(start + step, count), start + 1)

    def cut(self, source: str, size: int, scratch: str) -> Iterator[Range]:
        """See Format: what is gzipped is inflated once, and not again for each range."""
        parts = [*self.ranges(source, size)]
        copies = self._copied(source, scratch) if len(parts) > 1 else ()
        yield from (dataclasses.replace(part, copies=copies) for part in parts)

    def _copied(self, source: str, folder: str) -> tuple[str, ...]:
        with self._opened(source) as (images, labels):
            if not images.is_zipped and not labels.is_zipped:
                return ()
            copies = []
            for reader in (images, labels):
                with plain_copy(reader, folder) as (path, write):
                    reader.read_through(write)
                copies.append(path)
            return tuple(copies)

    def batches(self, part: Range) -> Iterator[Batch]:
        """See Format; the last range finds out whether the files go on."""
        with self._opened(part.path, part.copies) as (images, labels):
            numbers = [
                number for some in labels.batches(part.start, part.stop) for number in some.tolist()
            ]
            at = part.start
            for pixels in images.batches(part.start, part.stop):
                some = numbers[at - part.start :][: len(pixels)]
                yield self._batch(part.path, at, list(pixels), some)
                at += len(pixels)
            if part.stop == images.shape[0]:
                images.check_end()
                labels.check_end()

    def _batch(self, path: str, at: int, pixels: list[Cell], numbers: list[int]) -> Batch:
        [image] = self._images
        cells: dict[str, list[Cell]] = {
            image: pixels,
            self.columns.label: numbers,
            SPLIT_FILE: [split_of(path)] * len(pixels),
        }
        return Batch(
            path,
            range(at + 1, at + 1 + len(pixels)),
            {name: cells[name] for name in self.columns.needed},
        )

    @contextlib.contextmanager
    def _opened(
        self, path: str, copies: Sequence[str] = ()
    ) -> Iterator[tuple[IdxReader, IdxReader]]:
        plain = path.removesuffix(".gz")
        dimensions = 3 if plain.endswith(IMAGES[0]) else 4
        labels = _labels(path)
        try:
            images_file, labels_file = copies or (path, labels)
            with files.opened(images_file) as of_images, files.opened(labels_file) as of_labels:
                yield (
                    IdxReader(of_images, path, dimensions),  # type: ignore[arg-type]
                    IdxReader(of_labels, labels, 1),  # type: ignore[arg-type]
                )
        except IdxError as error:
            raise FormatError(str(error)) from error

    def _demand_columns(self, path: str) -> None:
        known = (*self._images, self.columns.label, SPLIT_FILE)
        others = [name for name in self.columns.needed if name not in known]
        if len(self._images) != 1 or others:
            raise FormatError(
                f"{shown(path)} holds images and their labels and nothing else, but the settings"
                f" speak of {', '.join(map(shown, others or self.columns.needed))}; leave one"
                " image."
            )


def _labels(path: str) -> str:
    """The file of labels beside one of images; what stands in front of both is the same."""
    name = os.path.basename(path).removesuffix(".gz")
    kind = next((kind for kind in IMAGES if name.endswith(kind)), None)
    if kind is None:
        raise FormatError(
            f"{shown(path)} is not called as IDX files of images are, … {IMAGES[0]}, plain or .gz;"
            " check data.files and data.format."
        )
    beside = os.path.join(os.path.dirname(path), name.removesuffix(kind) + LABELS[0])
    # Published checksums are those of the .gz.
    for candidate in (f"{beside}.gz", beside):
        if _is_there(candidate):
            return candidate
    raise FormatError(f"{shown(path)} has no labels beside it: {shown(beside)}, plain or .gz.")


def _holds_labels(path: str) -> bool:
    return path.removesuffix(".gz").endswith(LABELS)


def _is_there(path: str) -> bool:
    if files.is_local(path):
        return os.path.isfile(path)
    return bool(files.find(os.path.dirname(path), os.path.basename(path)))


def split_of(path: str) -> str | None:
    """The split that a file is called after; None where it is called after none."""
    words: Sequence[str] = _WORD.findall(os.path.basename(path).lower())
    if _OLD_TEST in words:
        return TEST
    return next((split for word in words if (split := split_called(word))), None)
