"""What a column holds. Pure."""

from __future__ import annotations

import dataclasses
import math
import re
from collections import Counter
from collections.abc import Iterable

from documents.cells.cell import Cell, CellError, text_of
from documents.cells.notation import Notation, notations
from documents.cells.numbers import LARGEST
from models.features.date.kind import Date
from pipeline.init.columns import dates
from pipeline.init.columns.cells import is_class, plain, spelled, words
from pipeline.init.columns.moments import is_time
from pipeline.init.columns.nearly import WHOLE
from pipeline.init.columns.plain_numbers import PlainNumbers, plain_numbers
from pipeline.init.columns.row_numbers import RowNumbers
from pipeline.init.images.images import ImagesReport

MOST_VALUES = 10_000
"""Distinct values that are counted; a column of more is no category."""
_READ = frozenset({str, int, float, bool, type(None)})
_LINES = re.compile("[\t\n\r]")
_PLAIN = Notation()
_SHORT = re.compile(r"-?(?:0|[1-9]\d{0,2})(?:\.\d+)?", re.ASCII)
"""A number whose thousands, if it had any, could not be told by a sign."""


@dataclasses.dataclass
class Counts:
    """Counts of the cells of one column."""

    name: str
    rows: int = 0
    missing: int = 0
    values: Counter[str] = dataclasses.field(default_factory=Counter)
    """Of at most MOST_VALUES; see `overflows`."""
    overflows: bool = False
    words: int = 0
    notations: list[Notation] | None = None
    """In which every cell so far is a number, the most usual first; None before the first one."""
    dates: list[Date] | None = None
    """By which every cell so far is a date."""
    are_times: bool = True
    """Whether every cell so far is a time of day."""
    is_whole: bool = True
    """Whether no number has a fraction; tables with gaps write whole ones with .0."""
    longest: int = 0
    """Digits of the longest number, as long as all are whole."""
    least: float = math.inf
    greatest: float = -math.inf
    booleans: int = 0
    """Cells that are true or false by their type."""
    lists: int = 0
    """Cells that are lists of texts and numbers."""
    vectors: int = 0
    """Of these, lists with a number that is not whole."""
    items: Counter[str] = dataclasses.field(default_factory=Counter)
    """Of lists, in how many each stands."""
    of_lines: int = 0
    """Cells that hold line ends or tabs."""
    controlled: int = 0
    """Cells with other control characters, which no kind reads."""
    beyond: int = 0
    """Numbers of more than float32 holds."""
    unreadable: str | None = None
    """Type of a cell that no kind reads, such as an object or bytes that are no text."""
    images: ImagesReport | None = None
    """What the files are whose paths the cells hold; None where they are no such paths."""
    nothings: Counter[str] = dataclasses.field(default_factory=Counter)
    """How cells that are missing say so, but for empty ones."""
    taken: Counter[str] = dataclasses.field(default_factory=Counter)
    """Of these, those that were taken for classes."""
    row_numbers: RowNumbers = dataclasses.field(default_factory=RowNumbers)
    first: str | None = None
    """The cell of the first row."""

    def add(self, cells: Iterable[Cell]) -> None:
        """Counts some cells more."""
        cells = [*cells]
        if not self.rows and cells:
            self.first = plain(cells[0])
        self.row_numbers.add(cells)
        if self._are_told and (found := plain_numbers(cells)) and self._reads_alike(found):
            self._add_plain(found)
            if len(found.texts) == len(cells):
                return
            cells = [cell for cell in cells if plain(cell) is None]
        types = {*map(type, cells)}
        if not types <= _READ:
            self._look_at(cells)
        if bool in types:
            self.booleans += sum(isinstance(cell, bool) for cell in cells)
        for cell, count in Counter(map(plain, cells)).items():
            self.rows += count
            if cell is None:
                self.missing += count
                self.nothings.update(filter(None, map(spelled, cells)))
                continue
            self.words += count * words(cell)
            if not cell.isprintable():
                self._look_through(cell, count)
            self.are_times = self.are_times and is_time(cell)
            self._count(cell, count)
            if self.notations is None or self.dates is None:
                self.notations, self.dates = notations(cell), dates.possible(cell)
            else:
                self._narrow(cell)
                self.dates = [each for each in self.dates if dates.reads(each, cell)]
            if self.notations:
                self._add_number(self.notations[0].plain(cell), count)

    @property
    def _are_told(self) -> bool:
        """Whether all that is left to tell of a plain number is which one it is."""
        return bool(self.notations) and self.dates == [] and not self.are_times

    def _reads_alike(self, found: PlainNumbers) -> bool:
        """Whether all notations read the same numbers."""
        return not found.have_points or all(of.decimal == "." for of in self.notations or ())

    def _add_plain(self, found: PlainNumbers) -> None:
        """As `add`, of numbers alone."""
        self.rows += len(found.texts)
        self.words += len(found.texts)
        counts = Counter(found.texts)
        if len(self.values) + len(counts) <= MOST_VALUES:
            self.values.update(counts)
        else:
            is_full = len(self.values) == MOST_VALUES
            for cell in counts.keys() & self.values.keys() if is_full else counts:
                self._count(cell, counts[cell])
            self.overflows = self.overflows or not counts.keys() <= self.values.keys()
        self.least = min(self.least, found.least)
        self.greatest = max(self.greatest, found.greatest)
        if self.is_whole:
            self.is_whole = found.digits is not None
            self.longest = max(self.longest, found.digits or 0)

    def _count(self, cell: str, count: int) -> None:
        if cell in self.values or len(self.values) < MOST_VALUES:
            self.values[cell] += count
        else:
            self.overflows = True

    def _look_at(self, cells: Iterable[Cell]) -> None:
        """Tells lists from what no kind reads."""
        for cell in cells:
            if cell is None:
                continue
            is_list = isinstance(cell, (list, tuple))
            items = cell if is_list else (cell,)
            try:
                texts = {text_of(item, lines=True).strip() for item in items if item is not None}
            except CellError:
                self.unreadable = type(cell).__name__
                continue
            if is_list:
                self.lists += 1
                self.vectors += any(isinstance(of, float) and of % 1 != 0 for of in items)
                self.items.update(texts - {""})

    def _look_through(self, cell: str, count: int) -> None:
        """What it holds beside signs that are seen."""
        try:
            text_of(cell, lines=True)
        except CellError:
            self.controlled += count
        else:
            self.of_lines += count if _LINES.search(cell) else 0

    def _narrow(self, cell: str) -> None:
        """Leaves the notations in which this cell is a number, too."""
        if _SHORT.fullmatch(cell) and all(each.decimal == "." for each in self.notations or ()):
            return  # read alike by all of them
        left = [each for each in self.notations or () if each.reads(cell)]
        if self.notations and not left and not self.overflows:
            # A unit that the cells before did without.
            left = [each for each in notations(cell) if all(map(each.reads, self.values))]
        self.notations = left

    def _add_number(self, plain: str, count: int) -> None:
        number = float(plain)
        if abs(number) > LARGEST:
            self.beyond += count
            return
        self.least, self.greatest = min(self.least, number), max(self.greatest, number)
        whole = WHOLE.fullmatch(plain)
        self.is_whole = self.is_whole and bool(whole)
        if whole:
            self.longest = max(self.longest, len(whole[1]))

    def prefer(self, decimal: str) -> None:
        """Reads cells so where they may be read so; they are looked at anew."""
        left = [each for each in self.notations or () if each.decimal == decimal]
        if not left or self.notation.decimal == decimal:
            return
        self.notations = left
        self.is_whole, self.longest, self.beyond = True, 0, 0
        self.least, self.greatest = math.inf, -math.inf
        for cell, count in self.values.items():
            self._add_number(left[0].plain(cell), count)

    def take_classes(self) -> None:
        """Counts what is likely to be a class, though it may say that there is none: `None`."""
        if self.values and self.is_number:
            return
        self.taken = Counter({word: n for word, n in self.nothings.items() if is_class(word)})
        self.values.update(self.taken)
        self.missing -= self.taken.total()

    def answer(self, cell: Cell) -> str | None:
        """The class that a cell holds; None where it is missing."""
        text = plain(cell)
        word = spelled(cell) if text is None else None
        return word if word in self.taken else text

    @property
    def is_number(self) -> bool:
        """Whether every cell is one, in whatever notation."""
        return self.notations is None or bool(self.notations)

    @property
    def notation(self) -> Notation:
        """The most usual one that is left."""
        return self.notations[0] if self.notations else _PLAIN

    @property
    def filled(self) -> int:
        """Cells that are not missing."""
        return self.rows - self.missing
