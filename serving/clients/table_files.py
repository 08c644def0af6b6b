"""Rows to ask a model about, from a table in a file: CSV as people have it, JSON Lines, Parquet."""

from __future__ import annotations

import codecs
import contextlib
import csv
import io
import json
from collections.abc import Collection, Iterator
from pathlib import Path

from documents.cells import nested
from documents.cells.cell import Cell
from documents.cells.quotes import behind_a_quote, is_behind_a_quote
from documents.features import Table
from documents.regular_file import NotRegularError, regular_file
from documents.shown import shown
from serving.clients import parquet_rows
from serving.clients.columns import ColumnError, Row
from serving.clients.table_header import Header, Lines, header_of

LARGEST_FILE = 32 << 20
"""Bytes; a table beyond is evaluated, not asked about by hand."""
_LINES = (".jsonl", ".ndjson")
_PARQUET = (".parquet", ".pq")
SUFFIXES = (".csv", ".tsv", ".tab", ".txt", *_LINES, *_PARQUET)
OTHERS = (".json", ".xlsx", ".xls", ".ods", ".tfrecord")
"""Of tables that are not read here."""
_WIDE = ("utf-16", "utf-32", "utf_16", "utf_32")
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def from_file(path: Path, taken: Collection[str] = (), table: Table | None = None) -> Iterator[Row]:
    """The rows of a CSV file whose first line names the columns, of JSON Lines, or of Parquet.

    Args:
      taken: columns that the model takes: a line with all of them names the columns, also where
        titles stand above it.
      table: how the files were written that the model learned from, where that is not plain.

    Raises:
      ColumnError: it cannot be read, has no rows, or one is shorter or longer than the first line.
    """
    if path.suffix.lower() in OTHERS:
        raise ColumnError(
            f"{shown(path)} is no table that is read here; write its rows as CSV or JSON Lines"
            " (.jsonl)."
        )
    suffix = path.suffix.lower()
    if suffix in _PARQUET:
        rows = _of_parquet(path)
    elif suffix in _LINES:
        rows = _of_lines(path, _text(path, table))
    else:
        rows = _of_csv(path, _text(path, table), taken, table)
    count = 0
    for row in rows:
        count += 1
        yield row
    if not count:
        raise ColumnError(f"{shown(path)} holds no rows below its first line.")


def _text(path: Path, table: Table | None) -> str:
    try:
        with regular_file(path) as file:
            content = file.read(LARGEST_FILE + 1)
    except NotRegularError as error:
        raise ColumnError(f"{shown(path)} {error.strerror}.") from error
    except OSError as error:
        raise ColumnError(f"Cannot read {shown(path)}: {error.strerror or error}.") from error
    if len(content) > LARGEST_FILE:
        raise ColumnError(f"{shown(path)} is larger than {LARGEST_FILE >> 20} MiB; ask in parts.")
    declared = table.encoding if table else "utf-8"
    encodings = ["utf-8-sig", declared]  # What is UTF-8 by chance is nothing else.
    if declared.lower().startswith(_WIDE):
        encodings = [declared, "utf-8-sig"]
    if content.startswith(_UTF_16):
        encodings = ["utf-16"]
    for encoding in encodings:
        with contextlib.suppress(UnicodeDecodeError, LookupError):
            return content.decode(encoding)
    known = f" and not {declared}" if declared.lower() != "utf-8" else ""
    raise ColumnError(f"{shown(path)} is not UTF-8{known}; convert it.")


def _of_csv(path: Path, text: str, taken: Collection[str], table: Table | None) -> Iterator[Row]:
    header = header_of(text, taken, table)
    names, wrote = header.names, Lines(text, header.comment)
    reader = csv.reader(wrote, delimiter=header.delimiter, quotechar=header.quote)
    known = [name for name in names if name]
    if len({*known}) < len(known):
        raise ColumnError(f"{shown(path)} has a column twice; leave one out.")
    try:
        for cells in reader:
            is_comment = wrote.begins_a_comment()
            if reader.line_num <= header.lines or is_comment or not any(cells):
                continue
            where = f"{path}, line {reader.line_num}"
            _demand_whole_quotes(wrote.row, header, where)
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


def _demand_whole_quotes(row: str, header: Header, where: str) -> None:
    """As where examples are made of rows: a quote that is not written twice would change a cell,
    and one that is never closed make a cell of all rows below."""
    if header.quote is None or header.quote not in row:
        return
    try:
        next(csv.reader([row], delimiter=header.delimiter, quotechar=header.quote, strict=True))
    except csv.Error as error:
        why = (
            behind_a_quote(header.quote, row)
            if is_behind_a_quote(error)
            else f"ends in a quote {header.quote} that is never closed"
        )
        raise ColumnError(f"{shown(where)} {why}.") from error


def _of_parquet(path: Path) -> Iterator[Row]:
    for name, cells in parquet_rows.rows(path, LARGEST_FILE):
        yield Row(name, cells, is_whole=True, folder=path.parent)


def _of_lines(path: Path, text: str) -> Iterator[Row]:
    rows: dict[str, dict[str, Cell]] = {}
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
            rows[where] = {name: nested.cell_of(row, name) for name in columns}
    # A key that is left out in some rows is missing there.
    names = dict.fromkeys(name for row in rows.values() for name in row)
    for where, row in rows.items():
        cells = {name: row.get(name) for name in names}
        yield Row(where, cells, is_whole=True, folder=path.parent)
