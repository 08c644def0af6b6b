"""Rows that `examples(path)` of the user's file yields, each a dict of cells by column."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar

import numpy as np

from components.example_gen.formats import files
from components.example_gen.formats.format import (
    BadRow,
    Batch,
    Columns,
    Format,
    FormatError,
    Range,
)
from components.example_gen.formats.options import FormatOptions
from documents.shown import shown
from models.user_code import UserCodeError, UserFunction


class Code(Format):
    """A source is what the pattern fits, file or folder, and is read as a whole: only the user's
    function knows what a part of it would be."""

    NAME: ClassVar[str] = "code"

    def __init__(
        self, options: FormatOptions, columns: Columns, function: UserFunction | None = None
    ):
        super().__init__(options, columns)
        self._function = function

    def sources(self, paths: Iterable[str]) -> list[str]:
        """See Format; folders as they are."""
        return sorted(paths)

    def contents(self, source: str) -> Iterator[str]:
        """See Format; every file of a folder."""
        if not files.is_folder(source):
            yield source
            return
        for entry in files.walk(source):
            if entry.problem:
                raise FormatError(f"{shown(entry.path)} {entry.problem}.")
            yield entry.path

    def measure(self, source: str) -> int:
        """See Format."""
        return 1

    def ranges(self, source: str, size: int) -> Iterator[Range]:
        """See Format."""
        yield Range(source, 0, 1)

    def batches(self, part: Range) -> Iterator[Batch]:
        """See Format; a row that is no dict is bad.

        Raises:
          FormatError: the user's function failed; the message points at its line.
        """
        numbered = enumerate(self._rows(part.path), 1)
        while some := list(itertools.islice(numbered, self.rows_at_once)):
            rows = [(number, row) for number, row in some if isinstance(row, Mapping)]
            bad = [
                BadRow(part.path, number, f"is a {type(row).__name__} instead of a dict of cells")
                for number, row in some
                if not isinstance(row, Mapping)
            ]
            cells = {
                name: [_plain(row.get(name)) for _, row in rows] for name in self.columns.needed
            }
            yield Batch(part.path, [number for number, _ in rows], cells, tuple(bad))

    def _rows(self, path: str) -> Iterator[Any]:
        if self._function is None:
            raise FormatError("data.format = code needs `code` with a function examples(path).")
        try:
            examples = self._function.load()
            with self._function.blamed():
                yield from examples(path)
        except UserCodeError as error:
            raise FormatError(f"{shown(path)}: {error}") from error


def _plain(cell: Any) -> Any:
    """Numbers of numpy as Python's."""
    return cell.item() if isinstance(cell, np.generic) else cell
