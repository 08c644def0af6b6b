"""JSON Lines: one object on each line, its keys the columns, those of objects in it too."""

from __future__ import annotations

import itertools
import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

from components.example_gen.formats import files
from components.example_gen.formats.csv import encoding as encodings
from components.example_gen.formats.format import (
    BadRow,
    Batch,
    Format,
    FormatError,
    Range,
    demand_columns,
)
from documents.cells import nested
from documents.settings.twice import twice
from documents.shown import shown

_HEAD = 1 << 16
_MEND = "save it as UTF-8, as JSON Lines are"
_KINDS: dict[type, str] = {
    bool: "true or false",
    type(None): "null",
    str: "a text",
    list: "a list",
    int: "a number",
    float: "a number",
}
_FIRST = 100
"""Rows that are asked for columns."""
_SELDOM = 0.001
"""Share of rows that have a key below which it is no column."""
_MOST = 20_000
"""Keys that are counted: those of objects may be made of ids."""


_OF_PANDAS = re.compile(r".+\.\d+").fullmatch


class Jsonl(Format):
    """Rows are lines. Cells are str, int, float, bool, list or None."""

    NAME: ClassVar[str] = "jsonl"
    SUFFIXES: ClassVar[tuple[str, ...]] = (".jsonl", ".ndjson")

    def names(self, source: str) -> Sequence[str]:
        """See Format; those of the first rows, since a key that is null may be left out, and of
        those behind them where one that is needed comes later."""
        return self._checked([*self._counted(source, _FIRST)[0]], source)

    def all_names(self, source: str) -> tuple[Sequence[str], Sequence[str]]:
        """See Format; those of all rows, which are read once for it."""
        counts, rows = self._counted(source, None)
        few = self._counted(source, _FIRST)[0]
        names = [name for name in counts if name in few or counts[name] >= _SELDOM * rows]
        names = self._checked(names, source)
        held = {*names}
        is_held = {name[:at] for name in names for at in range(len(name)) if name[at] == "."}
        return names, [name for name in counts if name not in held | is_held]

    def _checked(self, names: list[str], source: str) -> list[str]:
        """The names without those of objects, each of whose parts is a column."""
        # An object may be null in some rows.
        objects = {name[:at] for name in names for at in range(len(name)) if name[at] == "."}
        names = [name for name in names if name not in objects - self.columns.known]
        if names:
            demand_columns(names, self.columns, source, _hint(names))
        return names

    def _counted(self, source: str, lines: int | None) -> tuple[Counter[str], int]:
        """In how many rows each column stands, by its first one, and how many rows there are.

        Args:
          lines: which are enough if every column that is needed stands in one of them.
        """
        counts: Counter[str] = Counter()
        needed = {*self.columns.needed}
        rows = 0
        with files.opened(source) as stream:
            for number, line in enumerate(stream):
                if lines is not None and number >= lines and needed <= counts.keys():
                    break
                row = _parsed(line)
                if isinstance(row, dict):
                    rows += 1
                    for name in nested.names(row, self.columns.known):
                        if name in counts or len(counts) < _MOST:
                            counts[name] += 1
        return counts, rows

    def ranges(self, source: str, size: int) -> Iterator[Range]:
        """See Format."""
        try:
            with files.opened(source) as stream:
                encoding = encodings.encoding_of(stream.read(_HEAD), "utf-8", _MEND)
                total = files.size(source)
                if not total:
                    raise FormatError(f"{shown(source)} is empty; take it away, or put rows there.")
                self.names(source)
                start = at = encoding.mark
                first = line = 1
                for content in encodings.lines(stream, start, total, encoding):
                    at += len(content)
                    line += 1
                    if at - start >= size:
                        yield Range(source, start, at, first)
                        start, first = at, line
        except encodings.EncodingError as error:
            raise FormatError(f"{shown(source)} {error}.") from error
        if at > start:
            yield Range(source, start, at, first)

    def batches(self, part: Range) -> Iterator[Batch]:
        """See Format."""
        try:
            with files.opened(part.path) as stream:
                encoding = encodings.encoding_of(stream.read(_HEAD), "utf-8", _MEND)
                numbered = enumerate(
                    encodings.lines(stream, part.start, part.stop, encoding), part.line
                )
                while some := list(itertools.islice(numbered, self.rows_at_once)):
                    yield self._batch(part.path, some)
        except encodings.EncodingError as error:
            raise FormatError(f"{shown(part.path)} {error}.") from error

    def _batch(self, path: str, some: list[tuple[int, bytes]]) -> Batch:
        lines: list[int | None] = []
        rows: list[dict[str, Any]] = []
        bad: list[BadRow] = []
        for number, content in some:
            if not content.strip():
                continue
            row = _parsed(content)
            if isinstance(row, dict):
                rows.append(row)
                lines.append(number)
            else:
                bad.append(BadRow(path, number, row))
        cells = {
            name: [nested.cell_of(row, name) for row in rows]
            if "." in name
            else [row.get(name) for row in rows]
            for name in self.columns.needed
        }
        return Batch(path, lines, cells, tuple(bad))


_OF_OBJECTS = {
    sign: f"write each object on a line of its own: jq -c {each} FILE > NEW.jsonl"
    for sign, each in ((b"{", "."), (b"[", "'.[]'"))
}
"""What makes lines of a file that begins so."""
_WITHOUT_COMMAS = "sed 's/},[[:space:]]*$/}/' FILE > NEW.jsonl"


def _parsed(line: bytes) -> dict[str, Any] | str:
    """The object on a line, or why there is none."""
    try:
        row = json.loads(line.decode("utf-8-sig"), object_pairs_hook=_pairs)
    except UnicodeDecodeError as error:
        return f"is not utf-8 text (byte 0x{line[error.start]:02x})"
    except _TwiceError as error:
        return f"has the key {shown(error)!r} twice"
    except RecursionError:
        return "is no JSON (nested too deeply)"
    except ValueError as error:
        if of := _OF_OBJECTS.get(line.strip()):
            return f"is no JSON by itself; {of}"
        if line.rstrip().endswith(b"},"):
            return f"is no JSON for the comma behind it; take it away: {_WITHOUT_COMMAS}"
        return f"is no JSON ({getattr(error, 'msg', None) or type(error).__name__})"
    if isinstance(row, dict):
        return row
    told = f"holds {_KINDS[type(row)]} instead of an object"
    has_rows = isinstance(row, list) and any(isinstance(item, dict) for item in row)
    return f"{told}; {_OF_OBJECTS[b'[']}" if has_rows else told


def _hint(names: Sequence[str]) -> str:
    """What may be the matter where columns are as pandas writes them if it is told nothing."""
    if len(names) > 1 and all(map(_OF_PANDAS, names)) and any(of.endswith(".0") for of in names):
        return (
            "; it holds a column in each object rather than a row: write it with"
            " to_json(FILE, orient='records', lines=True)."
        )
    return ""


class _TwiceError(Exception):
    pass


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise _TwiceError(twice(name for name, _ in pairs))
    return found
