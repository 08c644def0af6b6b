"""Rows to ask a model about, from a table in a file: CSV as people have it, or JSON Lines."""

from __future__ import annotations

import codecs
import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from documents import nested
from documents.regular_file import NotRegularError, regular_file
from documents.separator_line import SEPARATOR_LINE
from documents.shown import shown
from serving.clients.columns import ColumnError, Row

LARGEST_FILE = 32 << 20
"""Bytes; a table beyond is evaluated, not asked about by hand."""
_LINES = (".jsonl", ".ndjson")
SUFFIXES = (".csv", ".tsv", ".tab", ".txt", *_LINES)
OTHERS = (".parquet", ".pq", ".json", ".xlsx", ".xls", ".ods", ".tfrecord")
"""Of tables that are not read here."""
_DELIMITERS = ",;\t|"
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def from_file(path: Path) -> Iterator[Row]:
    """The rows of a CSV file whose first line names the columns, or of a file of JSON Lines.

    Raises:
      ColumnError: it cannot be read, has no rows, or one is shorter or longer than the first line.
    """
    if path.suffix.lower() in OTHERS:
        raise ColumnError(
            f"{shown(path)} is no table that is read here; write its rows as CSV or JSON Lines"
            " (.jsonl)."
        )
    text = _text(path)
    rows = _of_lines(path, text) if path.suffix.lower() in _LINES else _of_csv(path, text)
    count = 0
    for row in rows:
        count += 1
        yield row
    if not count:
        raise ColumnError(f"{shown(path)} holds no rows below its first line.")


def _text(path: Path) -> str:
    try:
        with regular_file(path) as file:
            content = file.read(LARGEST_FILE + 1)
    except NotRegularError as error:
        raise ColumnError(f"{shown(path)} {error.strerror}.") from error
    except OSError as error:
        raise ColumnError(f"Cannot read {shown(path)}: {error.strerror or error}.") from error
    if len(content) > LARGEST_FILE:
        raise ColumnError(f"{shown(path)} is larger than {LARGEST_FILE >> 20} MiB; ask in parts.")
    try:
        return content.decode("utf-16" if content.startswith(_UTF_16) else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise ColumnError(f"{shown(path)} is not UTF-8; convert it.") from error


def _of_csv(path: Path, text: str) -> Iterator[Row]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    names: list[str] = []
    try:
        for cells in reader:
            if not any(cells) or (not names and SEPARATOR_LINE.fullmatch("".join(cells))):
                continue
            if not names:
                names = [name.strip() for name in cells]
                known = [name for name in names if name]
                if len({*known}) < len(known):
                    raise ColumnError(f"{shown(path)} has a column twice; leave one out.")
                continue
            where = f"{path}, line {reader.line_num}"
            if len(cells) > len(names) and not any(cells[len(names) :]):
                cells = cells[: len(names)]
            if len(cells) != len(names):
                raise ColumnError(
                    f"{shown(where)} has {len(cells)} cells, and the first line {len(names)};"
                    " mend it."
                )
            row = dict(zip(names, cells, strict=True))
            yield Row(where, row, is_whole=True, folder=path.parent)
    except csv.Error as error:
        raise ColumnError(f"{shown(path)} is no CSV file: {error}.") from error


def _delimiter(text: str) -> str:
    """By which the names are told apart: there are most of them."""
    for line in text.splitlines():
        if line.strip(f" {_DELIMITERS}") and not SEPARATOR_LINE.fullmatch(line.strip()):
            return max(_DELIMITERS, key=lambda sign: len(next(csv.reader([line], delimiter=sign))))
    return ","


def _of_lines(path: Path, text: str) -> Iterator[Row]:
    rows: dict[str, dict[str, str]] = {}
    for number, line in enumerate(io.StringIO(text), start=1):
        where = f"{path}, line {number}"
        try:
            row = json.loads(line) if line.strip() else None
        except (ValueError, RecursionError) as error:
            raise ColumnError(f"{shown(where)} is no JSON; write an object a line.") from error
        if row is not None and not isinstance(row, dict):
            raise ColumnError(f"{shown(where)} is no object; write one for each row.")
        if row is not None:
            columns = nested.names(row, ())
            rows[where] = {name: _written(nested.cell_of(row, name)) for name in columns}
    # A key that is left out in some rows is missing there.
    names = dict.fromkeys(name for row in rows.values() for name in row)
    for where, row in rows.items():
        cells = {name: row.get(name, "") for name in names}
        yield Row(where, cells, is_whole=True, folder=path.parent)


def _written(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, list):
        return " ".join(map(_written, cell))
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return cell if isinstance(cell, str) else json.dumps(cell)
