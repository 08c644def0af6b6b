"""Images as rows of a table with a column for each pixel, as MNIST is often given."""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Iterator, Sequence
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from components.example_gen.formats.csv.format import Csv
from components.example_gen.formats.format import (
    BadRow,
    Batch,
    Columns,
    Format,
    FormatError,
    Range,
    demand_columns,
)
from components.example_gen.formats.options import FormatOptions
from documents.cells.cell import Cell
from documents.shown import shown

_NUMBER = re.compile(r"[0-9]{1,9}")


class Pixels(Format):
    """A CSV file; the cell of the image is its pixels, uint8. Every other column that the settings
    name is none of them."""

    NAME: ClassVar[str] = "pixels"
    SUFFIXES: ClassVar[tuple[str, ...]] = Csv.SUFFIXES

    def __init__(self, options: FormatOptions, columns: Columns):
        assert options.pixels, "settings demand it"
        self._pixels = options.pixels
        self._count = math.prod(self._pixels.shape)
        [self._image] = columns.of_files
        names = options.csv.columns
        if self._pixels.label and not names:
            names = [f"pixel {number}" for number in range(self._count)]
            names.insert(0 if self._pixels.label == "first" else len(names), columns.label)
        csv_options = options.csv.model_copy(update={"columns": names})
        # Cells hold the pixels themselves, and no path of a file.
        super().__init__(
            options.model_copy(update={"csv": csv_options}),
            dataclasses.replace(columns, of_files=()),
        )
        self._others = tuple(name for name in columns.needed if name != self._image)

    def undeclared(self, source: str) -> list[str]:
        """None: what the settings do not name is a pixel."""
        self._csv(source)
        return []

    def ranges(self, source: str, size: int) -> Iterator[Range]:
        """See Format."""
        yield from self._csv(source)[0].ranges(source, size)

    def batches(self, part: Range) -> Iterator[Batch]:
        """See Format."""
        csv, pixels = self._csv(part.path)
        for batch in csv.batches(part):
            yield self._batch(batch, [batch.cells[name] for name in pixels])

    def _csv(self, path: str) -> tuple[Csv, list[str]]:
        """A reader of all columns, and those that are pixels."""
        names = Csv(self.options, Columns((), self.columns.label)).names(path)
        known = self.columns.known - {self._image}
        demand_columns(names, dataclasses.replace(self.columns, needed=self._others), path)
        pixels = in_order([name for name in names if name not in known])
        if len(pixels) != self._count:
            raise FormatError(
                f"{shown(path)} has {len(pixels):,} columns of pixels, and data.pixels speaks of"
                f" {' x '.join(map(str, self._pixels.shape))}, which are {self._count:,}; correct"
                " it, or name the columns that are none with kind ignore."
            )
        return Csv(self.options, Columns((*self._others, *pixels), self.columns.label)), pixels

    def _batch(self, batch: Batch, pixels: list[Sequence[str]]) -> Batch:
        rows = len(batch.lines)
        images: list[NDArray[np.uint8] | None] = [None] * rows
        reasons: dict[int, str] = {}
        if rows:
            cells = np.array(pixels, dtype=object).T
            for row in range(rows):
                try:
                    images[row] = self._pixels_of(cells[row])
                except ValueError as error:
                    reasons[row] = f"column {shown(self._image)} {error}"
        good = [row for row in range(rows) if row not in reasons]
        bad = [BadRow(*batch.place(row), reason) for row, reason in reasons.items()]
        found: dict[str, Sequence[Cell]] = {
            name: [batch.cells[name][row] for row in good] for name in self._others
        }
        found[self._image] = [images[row] for row in good]
        return Batch(batch.path, [batch.lines[row] for row in good], found, (*batch.bad, *bad))

    def _pixels_of(self, cells: NDArray[np.object_]) -> NDArray[np.uint8]:
        """Raises ValueError, whose message is the end of a sentence."""
        try:
            values = cells.astype(np.float64)
        except ValueError:
            raise ValueError(f"holds {_first_text(cells)}, which is no number") from None
        largest = self._pixels.largest
        wrong = values[~((values >= 0) & (values <= largest))]
        if len(wrong):
            raise ValueError(
                f"holds the pixel {wrong[0]:g}, and data.pixels.largest is {largest}; correct one"
            )
        scaled: NDArray[np.uint8] = np.rint(values * (255 / largest)).astype(np.uint8)
        return scaled.reshape(self._pixels.shape)


def in_order(names: Sequence[str]) -> list[str]:
    """Columns of pixels as they make an image, where all are called alike but for their numbers.

    Tools sort columns as texts, pixel10 before pixel2, and a later span may be written by another
    one. One number says the place. Of two, as in 1x10, either may be the row: so they count only
    where the columns stand as texts are sorted, and else all stay where they are.
    """
    numbers = {tuple(map(int, _NUMBER.findall(name))): name for name in names}
    if len({_NUMBER.sub("0", name) for name in names}) != 1 or len(numbers) != len(names):
        return [*names]
    say_places = all(len(each) == 1 for each in numbers) or [*names] == sorted(names)
    return [numbers[each] for each in sorted(numbers)] if say_places else [*names]


def _first_text(cells: NDArray[np.object_]) -> str:
    for cell in cells:
        try:
            float(cell)
        except ValueError:
            return repr(shown(cell))[:40]
    return "something"
