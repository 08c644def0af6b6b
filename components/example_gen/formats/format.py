"""What every format has: it lists files, cuts them into ranges of rows, and reads the cells of one.

A format knows nothing of kinds and splits: it gives text, bytes or typed cells with their place,
and kinds make values of them. A range is small enough for one worker to read, and reads alike in
whatever process.
"""

from __future__ import annotations

import dataclasses
import difflib
import os
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import ClassVar

from components.example_gen.formats import files
from components.example_gen.formats.options import FormatOptions
from documents.cells.cell import Cell
from documents.shown import shown


class FormatError(ValueError):
    """No file, or one that cannot be read at all; the message is a sentence that says why."""


@dataclasses.dataclass(frozen=True)
class Columns:
    """What is asked of a row."""

    needed: tuple[str, ...]
    """Columns whose cells are read, the label among them."""
    label: str
    of_files: tuple[str, ...] = ()
    """Those of `needed` whose cells are the contents of files."""
    known: frozenset[str] = frozenset()
    """All columns that the settings name; none before there are settings."""
    are_looked_at: bool = False
    """Whether `known` are those of the first file, of which settings are to be drafted."""

    @property
    def are_declared(self) -> bool:
        """Whether there are settings, which can be mended."""
        return bool(self.known) and not self.are_looked_at

    @property
    def elsewhere(self) -> str:
        """Where a column stands that a file has not."""
        if self.are_looked_at:
            return "the first file"
        return "the settings" if self.are_declared else "--label"


@dataclasses.dataclass(frozen=True)
class Range:
    """Rows of one file, or some of many files that are a row each."""

    path: str
    start: int
    """In bytes, rows or groups of them, as the format counts."""
    stop: int
    line: int = 1
    """Number of its first line or row, counted from 1."""
    members: tuple[tuple[str, str], ...] = ()
    """Path and label of every row that is a file of its own."""
    copies: tuple[str, ...] = ()
    """Files to read in place of those behind `path`, where these cannot be read from the middle."""


@dataclasses.dataclass(frozen=True)
class BadRow:
    """A row or file that could not be read."""

    path: str
    line: int | None
    """Its first line, or its number in a file without lines; None for a whole file."""
    reason: str
    """The end of a sentence about it."""


@dataclasses.dataclass(frozen=True)
class Batch:
    """Some rows, column by column."""

    path: str
    lines: Sequence[int | None]
    """Where each row begins."""
    cells: Mapping[str, Sequence[Cell]]
    """By column, one cell a row."""
    bad: tuple[BadRow, ...] = ()
    """Rows between them that are none."""
    paths: Sequence[str] | None = None
    """Of rows that are a file each."""

    def place(self, row: int) -> tuple[str, int | None]:
        """Path and line of a row."""
        return (self.paths[row] if self.paths else self.path), self.lines[row]


class Format:
    """A format as the settings name it. Subclasses say how files are cut and read."""

    NAME: ClassVar[str]
    SUFFIXES: ClassVar[tuple[str, ...]] = ()
    """Of the files that are taken from a folder; those that are named themselves may have any."""

    def __init__(self, options: FormatOptions, columns: Columns):
        self.options = options
        self.columns = columns

    def sources(self, paths: Iterable[str]) -> list[str]:
        """What is cut into ranges, each by itself: here every file, also those below a folder.

        Args:
          paths: files and folders that the pattern of the settings fits.

        Raises:
          FormatError: there are none, or one is a link that leaves its folder.
        """
        found: list[str] = []
        paths = sorted(paths)
        for path in paths:
            if not files.is_folder(path):
                found.append(path)
                continue
            for entry in files.walk(path):
                if entry.path.lower().endswith(self.SUFFIXES):
                    if entry.problem:
                        raise FormatError(f"{shown(entry.path)} {entry.problem}.")
                    found.append(entry.path)
        if not found:
            names = ", ".join(shown(path) for path in paths[:3]) or "What data.files names"
            raise FormatError(
                f"{names} holds no file of format {self.NAME} ({', '.join(self.SUFFIXES)}); check"
                " data.files and data.format."
            )
        return found

    def contents(self, source: str) -> Iterator[str]:
        """Every file behind a source, in a fixed order: what is new where one of them is.

        Raises:
          FormatError: as `ranges`.
        """
        yield source
        if not self.columns.of_files:
            return
        folder = os.path.dirname(source)
        for part in self.ranges(source, self.measure(source)):
            for batch in self.batches(part):
                for name in self.columns.of_files:
                    texts = (cell.strip() for cell in batch.cells[name] if isinstance(cell, str))
                    yield from filter(None, (files.below(folder, text) for text in texts))

    def measure(self, source: str) -> int:
        """Bytes of a source, as `ranges` counts them.

        Raises:
          FormatError: it is not there, or may not be read.
        """
        try:
            return files.size(source)
        except OSError as error:
            raise FormatError(
                f"{shown(source)} cannot be read: {error.strerror or error}; mend it, or take it"
                " away."
            ) from error

    @property
    def rows_at_once(self) -> int:
        """Rows of a batch: few where each holds a file."""
        return 32 if self.columns.of_files else 1_024

    def names(self, source: str) -> Sequence[str]:
        """The columns of a table, as its header has them; nothing where the format has none.

        Raises:
          FormatError: one that is needed is missing, or stands twice.
        """
        return ()

    def all_names(self, source: str) -> tuple[Sequence[str], Sequence[str]]:
        """`names`, of formats without a header also those that the first rows lack.

        Returns:
          The columns, and apart from them those that hardly a row has.

        Raises:
          FormatError: as `names`.
        """
        return self.names(source), ()

    def undeclared(self, source: str) -> list[str]:
        """Columns that the settings do not name: nothing learns from them."""
        known = self.columns.known
        return [name for name in self.names(source) if name and name not in known]

    def lost(self, source: str) -> list[str]:
        """Columns that are needed and in no row of a format without a header, where a row may lack
        any; nothing where `names` demands all.

        Raises:
          FormatError: it cannot be read.
        """
        return []

    def ranges(self, source: str, size: int) -> Iterator[Range]:
        """Cuts a source into ranges of whole rows, of about `size` bytes; reads it in a stream.

        Raises:
          FormatError: it cannot be read, or lacks a column.
        """
        raise NotImplementedError

    def cut(self, source: str, size: int, scratch: str) -> Iterator[Range]:
        """`ranges` for whoever reads all of them, each by itself.

        Args:
          scratch: a folder for copies, on any file system; it stays until all ranges are read.

        Raises:
          FormatError: as `ranges`.
        """
        yield from self.ranges(source, size)

    def batches(self, part: Range) -> Iterator[Batch]:
        """The rows of a range.

        Raises:
          FormatError: as `ranges`.
        """
        raise NotImplementedError


def demand_columns(names: Sequence[str], columns: Columns, path: str, hint: str = "") -> None:
    """Whether a file has every column that is needed, each once.

    Args:
      hint: the end of a sentence about what may be the matter with the whole header.

    Raises:
      FormatError: one stands twice, or is not there.
    """
    seen: dict[str, int] = {}
    for number, name in enumerate(names, start=1):
        if name in seen and (name or name in columns.needed):
            a_row = ", or name all columns with --columns if these are of a row"
            raise FormatError(
                f"{shown(path)} has the column {shown(name)!r} twice (columns {seen[name]} and"
                f" {number}); rename one of them{'' if columns.are_declared else a_row}."
            )
        seen[name] = number
    for name in columns.needed:
        if name not in seen:
            new = [other for other in names if other not in columns.known]
            close = [other for other in new if other.casefold() == name.casefold()]
            close = close or difflib.get_close_matches(name, new, n=1)
            apart = [other for other in new if _whole(other) == _whole(name)]
            where = columns.elsewhere
            if apart:
                hint = (
                    "; it has that name in letters of two parts, as Macs write them, or in whole"
                    f" ones: write it as it stands in {where}."
                )
            why = hint or (
                f"; if it is {shown(close[0])!r} now, rename it there or in {where}."
                if close
                else "; " + _listed(names, columns)
            )
            raise FormatError(f"{shown(path)} has no column {shown(name)!r}{why}")


def _whole(name: str) -> str:
    return unicodedata.normalize("NFC", name)


def _listed(names: Sequence[str], columns: Columns) -> str:
    head = ", ".join(shown(name) for name in names[:10])
    more = f" and {len(names) - 10} more" if len(names) > 10 else ""
    if columns.are_declared:
        lost = [name for name in columns.needed if name not in names]
        new = [name for name in names if name not in columns.known]
        if len(lost) == len(new) == 1:  # whatever it is called
            return (
                f"it has {head}{more}; if it is {shown(new[0])!r} now, rename it there or in the"
                " settings, or mend the file."
            )
        return f"it has {head}{more}; mend the file, or features and label in the settings."
    if columns.are_looked_at:
        return f"it has {head}{more}; the first file has it: mend this one, or leave it out."
    return (
        f"it has {head}{more}; mend --label, or name all columns with --columns if these are of a"
        " row."
    )
