"""How the files of a table are written: their format, its options, and the names of columns."""

from __future__ import annotations

import contextlib
import dataclasses
import re
from collections.abc import Iterator, Sequence
from typing import Any

from components.example_gen.formats import files
from components.example_gen.formats.csv.format import BLANKS, Csv
from components.example_gen.formats.format import Batch, Columns, Format, FormatError
from components.example_gen.formats.jsonl.format import Jsonl
from components.example_gen.formats.options import FormatOptions
from components.example_gen.formats.parquet.format import Parquet
from documents.shown import shown
from documents.terminal.counted import counted
from pipeline.init.folders.json_files import of_objects
from pipeline.init.folders.no_table import of_no_table
from pipeline.init.folders.texts import of_texts
from pipeline.init.tables.report import TableReport
from pipeline.init.tables.sniff import blanks_tell_apart, options_of
from pipeline.init.tables.unlabelled import demand_label

_HEAD = 1 << 20
"""Bytes that tell how CSV is written."""
_FILES = 100
"""Files whose columns are looked at before any is read."""
_KINDS: dict[str, type[Format]] = {kind.NAME: kind for kind in (Csv, Jsonl, Parquet)}


@dataclasses.dataclass(frozen=True)
class TableForm:
    """As the first file says; it holds for all."""

    format: str
    """`csv`, `jsonl` or `parquet`."""
    sources: Sequence[str]
    head: bytes
    """The beginning of the first file, where it is CSV."""
    csv: dict[str, Any]
    """As the settings have it; empty of other formats."""
    names: Sequence[str]
    """Of all columns."""
    seldom: Sequence[str]
    """Keys that hardly a row has, which are no columns."""
    has_given_names: bool
    """Whether somebody named the columns of files that have no line of names."""

    @property
    def first(self) -> str:
        """The file that tells how all are written."""
        return self.sources[0]

    def reader(self, columns: Columns) -> Format:
        """The format that reads these columns."""
        return _reader(self.format, self.csv, columns)

    def no_rows(self, report: TableReport) -> FormatError:
        """Why not a row could be read, and what mends it."""
        if self.has_given_names and blanks_tell_apart(self.head, len(self.names)):
            cells = counted(len(self.names), "cell")
            return FormatError(f"{shown(self.first)} holds no rows of {cells}{BLANKS}")
        mend = "; name as many with --columns" if self.has_given_names and report.bad_rows else ""
        if self._seems_written_by_r(report):
            sign = self.csv.get("delimiter", ",").replace("\t", "\\t")
            mend = (
                "; if R wrote a name in front of each row, put one above them, too:"
                f" sed '1s/^/row{sign}/' < FILE > NEW.csv"
            )
        return FormatError(f"{shown(self.first)} holds no rows{report.lost}{mend}.")

    def _seems_written_by_r(self, report: TableReport) -> bool:
        """Whether each row has one cell more than there are names, as `write.table` has it."""
        width = len(self.names)
        is_named = re.match(rb'[^\n]*\n["\d]', self.head)
        one_more = f"has {counted(width + 1, 'cell')} instead of {width}"
        return bool(
            not self.has_given_names and is_named and {why for _, why in report.bad} == {one_more}
        )


def form_of(paths: Sequence[str], label: str, header: list[str] | None) -> TableForm:
    """Looks at the beginning of the first file, and at the columns of some others.

    Args:
      paths: files and folders that hold the table.
      label: the column that is to be predicted.
      header: names of the columns of CSV files that have no line of them.

    Raises:
      FormatError: they are no table, or one of them has no column of that name.
    """
    name, sources = _sources(paths, label)
    with files.opened(sources[0]) as stream:
        head = stream.read(_HEAD) if name == Csv.NAME else b""
    # Names that are given stand in no line.
    csv = options_of(head, None if header else label) if head else {}
    if header and name != Csv.NAME:
        raise FormatError(f"{shown(sources[0])} has names of its own; leave --columns out.")
    csv |= {"columns": header} if header else {}
    if sources[1:]:
        files_of = _reader(name, csv, Columns((), ""))
        demand_label({of: files_of.names(of) for of in sources[:_FILES]}, label)
    reader = _reader(name, csv, Columns((label,), label))
    names, seldom = _all_names(reader, sources[0], paths)
    return TableForm(name, sources, head, csv, names, seldom, bool(header))


def batches(reader: Format, sources: Sequence[str]) -> Iterator[Batch]:
    """The rows of all files, one after the other."""
    for source in sources:
        for part in reader.ranges(source, reader.measure(source) + 1):
            yield from reader.batches(part)


def _reader(name: str, csv: dict[str, Any], columns: Columns) -> Format:
    return _KINDS[name](FormatOptions.model_validate({"csv": csv}), columns)


def _all_names(
    format_: Format, source: str, paths: Sequence[str]
) -> tuple[Sequence[str], Sequence[str]]:
    """See Format; raises FormatError."""
    try:
        return format_.all_names(source)
    except FormatError as error:
        told = of_texts(paths)
        if told:
            raise FormatError(f"{shown(paths[0])} is no table{told}.") from error
        raise


def _sources(paths: Sequence[str], label: str) -> tuple[str, list[str]]:
    """The format, by the name of the first file, and all files."""
    first = paths[0]
    if first.lower().endswith(".json"):
        return Jsonl.NAME, of_objects(paths, label)
    for kind in (Jsonl, Parquet):
        format_ = kind(FormatOptions(), Columns((), ""))
        if first.lower().endswith(kind.SUFFIXES):
            return kind.NAME, format_.sources(paths)
        if files.is_folder(first):
            with contextlib.suppress(FormatError):
                return kind.NAME, format_.sources(paths)
    try:
        return Csv.NAME, Csv(FormatOptions(), Columns((), "")).sources(paths)
    except FormatError as error:
        raise FormatError(of_no_table(first) or str(error)) from error
