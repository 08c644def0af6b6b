"""What a column holds, and the kind that is proposed for it. Pure."""

from __future__ import annotations

import dataclasses
import math
import re
from collections import Counter
from collections.abc import Iterable
from functools import cached_property
from typing import Any

from documents.cells.cell import Cell, CellError, text_of
from documents.cells.dates import UNIX
from documents.cells.notation import Notation, notations
from documents.cells.numbers import LARGEST
from documents.counted import counted
from models.features.date.kind import Date
from pipeline.init import codes, dates
from pipeline.init.cells import is_class, plain, spelled, words
from pipeline.init.images import ImagesReport
from pipeline.init.nearly import TO_COMPARE, WHOLE, Nearly, nearly
from pipeline.init.row_numbers import RowNumbers

MOST_VALUES = 10_000
"""Distinct values that are counted; a column of more is no category."""
_FEWEST = 0.001
"""Share of rows in which a feature has to be there."""
_WORDS = 4
"""A column whose cells have more words than that on average is a text."""
_FEW_DATES = 2
"""Different numbers that read as days by chance, such as 20240131."""
_FEW_WORDS = 2
"""Of names; cells of more that are all different are texts."""
MOST_BAD = 0.02
"""Share of cells that are no numbers in a column of numbers; their rows are left out."""
_READ = frozenset({str, int, float, bool, type(None)})
_LINES = re.compile("[\t\n\r]")
_PLAIN = Notation()


@dataclasses.dataclass
class Column:
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
    is_whole: bool = True
    """Whether no number has a fraction; tables with gaps write whole ones with .0."""
    longest: int = 0
    """Digits of the longest whole number."""
    least: float = math.inf
    greatest: float = -math.inf
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

    def add(self, cells: Iterable[Cell]) -> None:
        """Counts some cells more."""
        cells = [*cells]
        self.row_numbers.add(cells)
        if not {*map(type, cells)} <= _READ:
            self._look_at(cells)
        for cell, count in Counter(map(plain, cells)).items():
            self.rows += count
            if cell is None:
                self.missing += count
                self.nothings.update(filter(None, map(spelled, cells)))
                continue
            self.words += count * words(cell)
            if not cell.isprintable():
                self._look_through(cell, count)
            if cell in self.values or len(self.values) < MOST_VALUES:
                self.values[cell] += count
            else:
                self.overflows = True
            if self.notations is None or self.dates is None:
                self.notations, self.dates = notations(cell), dates.possible(cell)
            else:
                self._narrow(cell)
                self.dates = [each for each in self.dates if dates.reads(each, cell)]
            if self.notations:
                self._add_number(self.notations[0].plain(cell), count)

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

    @property
    def proposal(self) -> tuple[dict[str, Any], str]:
        """The kind as the settings have it, and why."""
        filled = self.filled
        if self.images is not None:
            images = counted(self.images.classes.total(), "image")
            return self.images.feature, f"paths of {images}" if self.values else images
        if self.unreadable:
            return {"kind": "ignore"}, f"cells such as a {self.unreadable}, which no kind reads"
        is_short = self.words <= _WORDS * filled
        if not filled:
            return {"kind": "ignore"}, "empty in every row"
        if filled < _FEWEST * self.rows:
            return {"kind": "ignore"}, "missing in almost every row"
        if len(self.values) == 1 and not self.missing:
            return {"kind": "ignore"}, "the same in every row"
        if self.is_number:
            return self._number()
        if self.dates:
            return self._date(self.dates)
        if 2 * self.vectors > self.lists:
            why = "lists of numbers; give each place of them a column of its own"
            return {"kind": "ignore"}, why
        if self.lists:
            return {"kind": "text"}, "lists, of which each item is a word"
        found = self._nearly
        if found and found.share <= MOST_BAD and not (self._differs and found.is_whole):
            return {"kind": "number", **found.notation.settings}, found.said
        hint = f"; {found.said}" if found else self.dates_apart
        if self.of_lines:
            return {"kind": "text"}, f"cells of several lines{hint}"
        if not is_short:
            return {"kind": "text"}, f"cells of several words{hint}"
        if self._differs and self.words > _FEW_WORDS * filled:
            return {"kind": "text"}, f"short texts, hardly two alike{hint}"
        if self._differs:
            why = "different in almost every row, as names and ids are"
            return {"kind": "ignore"}, why + hint
        return {"kind": "category"}, f"{len(self.values):,} different values{hint}"

    @property
    def bad(self) -> float:
        """Share of the rows whose cell is none of the kind that is proposed all the same."""
        kind, _ = self.proposal
        if kind["kind"] == "ignore" or not self.rows:
            return 0.0
        found = self._nearly if kind["kind"] == "number" else None
        return (found.share if found else 0.0) + (self.beyond + self.controlled) / self.rows

    @cached_property
    def dates_apart(self) -> str:
        """The end of a sentence about dates that are written in several ways; else nothing."""
        usual = [cell for cell, _ in self.values.most_common(TO_COMPARE)]
        if self.dates or len(usual) < 2 or not all(map(dates.possible, usual)):
            return ""
        return "; dates, each written in another way: write all alike for kind date"

    @property
    def label_notation(self) -> Notation | None:
        """How nearly all cells are numbers; None where too many are none."""
        if self.is_number:
            return self.notation
        found = self._nearly
        return found.notation if found and found.share <= MOST_BAD else None

    @property
    def no_numbers(self) -> int:
        """How many cells are none, of those that nearly all are."""
        return self._nearly.bad if self._nearly else 0

    @property
    def nearly_said(self) -> str | None:
        """How few cells are no numbers, where most are."""
        return self._nearly.said if self._nearly else None

    @cached_property
    def _nearly(self) -> Nearly | None:
        return None if self.is_number else nearly(self.values, self.filled)

    @property
    def code(self) -> str | None:
        """Why whole numbers are taken for codes; None where they are not."""
        if not (self.is_number and self.is_whole and self.filled) or self.notation.settings:
            return None
        return codes.reason(
            self.name, longest=self.longest, different=len(self.values), filled=self.filled
        )

    @property
    def _differs(self) -> bool:
        few = len(self.values) <= 20
        return self.overflows or (not few and len(self.values) > 0.9 * self.filled)

    def _number(self) -> tuple[dict[str, Any], str]:
        declared = {"kind": "number", **self.notation.settings}
        if self.is_whole and (form := codes.moments(self.name, self.least, self.greatest)):
            each = f"1/{UNIX[form]:,} seconds" if UNIX[form] > 1 else "seconds"
            why = f"every cell is a number of {each} since 1970"
            return {"kind": "date", "format": form}, why
        if self.is_whole and self.dates and len(self.values) > _FEW_DATES:
            return self._date(self.dates)
        if code := self.code:
            kind = "ignore" if self._differs else "category"
            return {"kind": kind}, f"{code}; make it number if more is more"
        if self.is_whole and not self.overflows and 20 < len(self.values) == self.filled:
            return declared, "no two alike: make it ignore if it is an id"
        written = "".join(
            f", written with {key} {value}" for key, value in self.notation.settings.items()
        )
        return declared, f"every cell is a number{written}"

    def _date(self, kinds: list[Date]) -> tuple[dict[str, Any], str]:
        first, *others = (kind.format for kind in kinds)
        if first is None:
            return {"kind": "date"}, "every cell is a date"
        why = f"every cell is a date written {first}"
        if others:
            why += f", or {others[0]}, which reads all of them too: choose"
        return {"kind": "date", "format": first}, why
