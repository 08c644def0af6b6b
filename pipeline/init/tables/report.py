"""What `init` found in a table."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Sequence
from typing import Any

from pipeline.init.columns.column import Column
from pipeline.init.columns.pixels import Pixels

_SURE_CLASSES, _ROWS_EACH = 100, 5
"""Texts that are classes, and in how many rows on average each of more has to stand."""
_FEW_NUMBERS = 20
"""Different ones, which are taken for classes."""


@dataclasses.dataclass
class TableReport:
    """Filled while the table is read."""

    format: str
    csv: dict[str, Any]
    columns: list[Column]
    """The label last."""
    bad: list[tuple[int | None, str]]
    bad_rows: int
    duplicates: int
    contradictions: int
    """Rows that are equal to an earlier one but for the label."""
    leaks: dict[str, float]
    new: dict[str, str]
    """Columns that the first file has not, and the file that has each."""
    parts: Sequence[str] = ()
    """Columns that together make a label that is a number."""
    nameless: list[tuple[int, str]] = dataclasses.field(default_factory=list)
    """Numbers and names of columns that no feature can be called as."""
    split: tuple[str, Counter[str]] | None = None
    """The column that names splits, and the rows of each."""
    unseen: dict[str, str] = dataclasses.field(default_factory=dict)
    """Why the files are not there that a column seems to name."""
    counters: Sequence[str] = ()
    """Columns of the numbers of rows."""
    totals: list[tuple[int | None, str]] = dataclasses.field(default_factory=list)
    """Line and first cell of the last row, where it seems to sum up the others."""
    seldom: Sequence[str] = ()
    """Keys that hardly a row has, which are no columns."""
    tags: Counter[str] = dataclasses.field(default_factory=Counter)
    """Of the label, with the rows of each; none where a row has one class or a number."""
    no_tags: Counter[str] = dataclasses.field(default_factory=Counter)
    """What the label says of rows without any tag."""
    names: dict[str, str] = dataclasses.field(default_factory=dict)
    """What the classes are called whose numbers the label holds, where the file says so."""
    in_time: dict[str, str] = dataclasses.field(default_factory=dict)
    """`data.split` that keeps later rows apart, where rows stand in the order of a date."""
    two_ways: dict[str, str] = dataclasses.field(default_factory=dict)
    """Columns of numbers that may be thousands or fractions, and a cell of each."""
    flags: Sequence[str] = ()
    """Columns that say yes or no as the label does, so that all of them may be tags."""
    separator: str | None = None
    """Between tags, where a sign is."""
    pixels: Pixels | None = None
    """Of an image, where a column is one of them."""

    @property
    def ignored(self) -> set[str]:
        """Columns of which nothing is to be learned, whatever their cells are."""
        return {*self.leaks, *self.parts, *self.counters, *([self.split[0]] if self.split else [])}

    @property
    def label(self) -> Column:
        """The column that is to be predicted."""
        return self.columns[-1]

    @property
    def lost(self) -> str:
        """The end of a sentence about rows that cannot be read; nothing where there are none."""
        if not self.bad_rows:
            return ""
        line, why = self.bad[0]
        return f" ({self.bad_rows:,} cannot be read, such as line {line}: {why})"

    @property
    def has_classes(self) -> bool:
        """Whether the label names classes; a number of many values is to be estimated."""
        label, count = self.label, len(self.label.values)
        if self.tags or label.overflows:
            return False
        if label.label_notation is not None and (count > _FEW_NUMBERS or self._has_fractions):
            return False
        return count <= _SURE_CLASSES or label.filled >= _ROWS_EACH * count

    @property
    def _has_fractions(self) -> bool:
        """Whether more is likely to be more, as in 1.5 stars, and not one of two codes."""
        return len(self.label.values) > 2 and not self.label.is_whole
