"""The header of a CSV file to ask a model about: the names of its columns, and its notation."""

from __future__ import annotations

import csv
import dataclasses
import io
import itertools
from collections.abc import Collection, Iterator, Sequence

from documents.cells.cell import name_of
from documents.cells.separator_line import SEPARATOR_LINE
from documents.features import Table

_DELIMITERS = ",;\t|"
_QUOTE = '"'
_TITLES = 21
"""Rows, one of which is the header."""


@dataclasses.dataclass(frozen=True)
class Header:
    """How a file is written."""

    names: Sequence[str]
    lines: int
    """Above the first row."""
    delimiter: str
    quote: str | None
    comment: str | None


class Lines(Iterator[str]):
    """The lines of a text as the csv module takes them, and those of the last of its rows."""

    def __init__(self, text: str, comment: str | None):
        self._stream = io.StringIO(text, newline="")
        self._comment = comment
        self._held: list[str] = []
        self.row = ""
        """The lines of the row that was asked about last."""

    def __next__(self) -> str:
        line = next(self._stream)
        self._held.append(line)
        return line

    def begins_a_comment(self) -> bool:
        """Whether the row that was made of the lines since the last question is a comment."""
        self.row, self._held = "".join(self._held), []
        return self._comment is not None and self.row.startswith(self._comment)


def header_of(text: str, taken: Collection[str], table: Table | None) -> Header:
    """The first row that names all columns that the model takes; without one the first row, unless
    its files have no such row.

    Args:
      taken: the columns, if they are known.
      table: how the files were written that the model learned from, where that is not plain.

    Raises:
      csv.Error: the beginning is no CSV.
    """
    comment = table.comment if table else None
    written = [(table.delimiter, table.quote)] if table else []
    written += [(delimiter, _QUOTE) for delimiter in _DELIMITERS]
    for delimiter, quote in written if taken else ():
        for names, lines in _beginning(text, delimiter, quote, comment):
            if {*taken} <= {*names}:
                return Header(names, lines, delimiter, quote, comment)
    if table and table.columns:
        width = next((len(names) for names, _ in _beginning(text, *written[0], comment)), 0)
        if width == len(table.columns):
            return Header(table.columns, 0, *written[0], comment)
    delimiter = _likely(text)
    for names, lines in _beginning(text, delimiter, _QUOTE, comment):
        return Header(names, lines, delimiter, _QUOTE, comment)
    return Header((), 0, delimiter, _QUOTE, comment)


def _beginning(
    text: str, delimiter: str, quote: str | None, comment: str | None
) -> Iterator[tuple[list[str], int]]:
    """The first rows with a cell, and in which line each ends."""
    lines = Lines(text, comment)
    reader = csv.reader(
        lines,
        delimiter=delimiter,
        quotechar=quote,
        quoting=csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE,
    )
    rows = ((cells, lines.begins_a_comment(), reader.line_num) for cells in reader)
    found = (
        ([*map(name_of, cells)], number)
        for cells, is_comment, number in rows
        if any(cells) and not is_comment and not SEPARATOR_LINE.fullmatch("".join(cells).strip())
    )
    try:
        yield from itertools.islice(found, _TITLES)
    except csv.Error:  # What stands above, or below in another notation, is no matter yet.
        return


def _likely(text: str) -> str:
    """By which the names are told apart: there are most of them."""
    for line in text.splitlines():
        if line.strip(f" {_DELIMITERS}") and not SEPARATOR_LINE.fullmatch(line.strip()):
            return max(_DELIMITERS, key=lambda sign: len(next(csv.reader([line], delimiter=sign))))
    return ","
