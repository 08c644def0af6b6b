"""A table as `init` sees it, of one file or several: read once, in batches."""

from __future__ import annotations

import contextlib
import dataclasses
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from components.example_gen.formats import files
from components.example_gen.formats.csv.format import BLANKS, Csv
from components.example_gen.formats.format import Batch, Columns, Format, FormatError
from components.example_gen.formats.jsonl.format import Jsonl
from components.example_gen.formats.options import FormatOptions
from components.example_gen.formats.parquet.format import Parquet
from documents.counted import counted
from documents.shown import shown
from models.declaration import name_problem
from pipeline.init import tellers
from pipeline.init.cells import plain
from pipeline.init.class_names import class_names
from pipeline.init.column import Column
from pipeline.init.decimals import agree, read_in_two_ways
from pipeline.init.equal_rows import EqualRows
from pipeline.init.in_time import split_in_time
from pipeline.init.json_files import of_objects
from pipeline.init.no_table import of_no_table
from pipeline.init.photos import Photos, unseen
from pipeline.init.pixels import Pixels, pixels_of
from pipeline.init.sniff import blanks_tell_apart, options_of
from pipeline.init.split_column import split_column
from pipeline.init.tags import flags_of, nothing_of, tags_of
from pipeline.init.texts import of_texts
from pipeline.init.totals import without_total
from pipeline.init.unlabelled import demand_label

_HEAD = 1 << 20
_FILES = 100
"""Files whose columns are looked at before any is read."""
_SAMPLE = 20_000
"""Rows in which leaks are looked for."""
_SURE_CLASSES, _ROWS_EACH = 100, 5
"""Texts that are classes, and in how many rows on average each of more has to stand."""
_FEW_NUMBERS = 20
"""Different ones, which are taken for classes."""


@dataclasses.dataclass
class TableReport:
    """What was found."""

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


def look(
    paths: Sequence[str],
    label: str,
    tell: Callable[[int], None],
    header: list[str] | None = None,
    *,
    manifest: bool = False,
) -> TableReport:
    """Reads the table.

    Args:
      paths: files and folders that hold it; how the first file is written holds for all.
      tell: called with the number of rows, now and then.
      header: names of the columns of CSV files that have no line of them.
      manifest: whether one of its columns must hold paths of images.

    Raises:
      FormatError: it cannot be read, has no column of that name, or holds no paths of images.
    """
    name, sources = _sources(paths, label)
    with files.opened(sources[0]) as stream:
        head = stream.read(_HEAD) if name == "csv" else b""
    # Names that are given stand in no line.
    csv = options_of(head, None if header else label) if head else {}
    if header and name != "csv":
        raise FormatError(f"{shown(sources[0])} has names of its own; leave --columns out.")
    csv |= {"columns": header} if header else {}
    options = FormatOptions.model_validate({"csv": csv})
    kind = _KINDS[name]
    if sources[1:]:
        files_of = kind(options, Columns((), ""))
        demand_label({of: files_of.names(of) for of in sources[:_FILES]}, label)
    all_names, seldom = _all_names(kind(options, Columns((label,), label)), sources[0], paths)
    nameless = [(at, of) for at, of in enumerate(all_names, 1) if name_problem(of)]
    names = [of for of in all_names if of != label and not name_problem(of)]
    if all_names and not names:
        raise FormatError(
            f"{shown(sources[0])} has no column with a name but the label {shown(label)}, so there"
            " is nothing to learn from."
        )
    wanted = Columns((*names, label), label, known=frozenset([*names, label]), are_looked_at=True)
    format_ = kind(options, wanted)
    columns = [Column(of) for of in (*names, label)]
    report = TableReport("manifest" if manifest else name, csv, columns, [], 0, 0, 0, {}, {})
    report.nameless, report.seldom = nameless, seldom
    for source in sources[1:]:
        report.new |= dict.fromkeys(format_.undeclared(source), source)
    sample: dict[str, list[Any]] = {column.name: [] for column in columns}
    equal = EqualRows(names, label)
    photos: Photos | None = None
    for batch in without_total(_batches(format_, sources), report.totals):
        if photos is None and batch.lines:
            photos = Photos(columns[:-1], batch)
            if not photos.contents:
                report.unseen = unseen(batch, names, csv, bool(photos.columns))
        for column in columns:
            if photos and column in photos.contents:
                continue
            column.add(batch.cells[column.name])
            if len(sample[column.name]) < _SAMPLE:
                cells = batch.cells[column.name]
                sample[column.name] += cells if column.name == label else map(plain, cells)
        if photos:
            photos.add(batch, label)
        of_paths = {column.name for column in photos.columns} if photos else set()
        equal.add(batch, of_paths)
        report.bad_rows += len(batch.bad)
        report.bad += [(row.line, row.reason) for row in batch.bad][: 100 - len(report.bad)]
        tell(columns[-1].rows)
    report.duplicates, report.contradictions = equal.duplicates, equal.contradictions
    if not columns[-1].rows:
        if header and blanks_tell_apart(head, len(header)):
            cells = counted(len(header), "cell")
            raise FormatError(f"{shown(sources[0])} holds no rows of {cells}{BLANKS}")
        as_many = "; name as many with --columns" if header and report.bad_rows else ""
        width = len(all_names)
        is_named = re.match(rb'[^\n]*\n["\d]', head)
        if not header and is_named and {why for _, why in report.bad} == {_one_more(width)}:
            sign = csv.get("delimiter", ",").replace("\t", "\\t")
            as_many = (
                "; if R wrote a name in front of each row, put one above them, too:"
                f" sed '1s/^/row{sign}/' < FILE > NEW.csv"
            )
        raise FormatError(f"{shown(sources[0])} holds no rows{report.lost}{as_many}.")
    if manifest and not (photos and photos.columns):
        why = "".join(f": column {shown(of)} {how}" for of, how in [*report.unseen.items()][:1])
        raise FormatError(
            f"{shown(sources[0])} has no column of paths of images that lie below its folder"
            f"{why or '; write them so'}, or take it with --table."
        )
    report.tags, report.separator = tags_of(report.label)
    report.no_tags = nothing_of(report.label, report.tags)
    report.tags -= report.no_tags
    report.two_ways = {of.name: cell for of in columns if (cell := read_in_two_ways(of))}
    agree(columns, csv.get("delimiter", ","))
    if not report.tags:
        report.label.take_classes()
    report.counters = _counters(columns[:-1])
    report.split = split_column(columns[:-1])
    if not report.tags:
        report.leaks = tellers.alone(columns, sample, has_classes=report.has_classes)
        if not report.has_classes:
            report.parts = tellers.together(columns, sample, report.ignored)
            others = _usable(columns[:-1])
            if not others - report.leaks.keys():
                report.leaks = {}  # a number of a number is what is to be learned
            if not others - report.leaks.keys() - {*report.parts}:
                report.parts = ()
    if report.format == Parquet.NAME and report.has_classes:
        report.names = class_names(sources[0], label, report.label.values)
    if not report.split:
        report.in_time = split_in_time(columns[:-1], sample, report.ignored)
    report.flags = flags_of(report.label, columns[:-1])
    report.pixels = pixels_of(columns[:-1]) if report.format == "csv" else None
    return report


def _one_more(width: int) -> str:
    """What the format says of a row."""
    return f"has {counted(width + 1, 'cell')} instead of {width}"


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


_KINDS: dict[str, type[Format]] = {kind.NAME: kind for kind in (Csv, Jsonl, Parquet)}


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


def _batches(format_: Format, sources: Sequence[str]) -> Iterator[Batch]:
    for source in sources:
        for part in format_.ranges(source, format_.measure(source) + 1):
            yield from format_.batches(part)


def _counters(features: Sequence[Column]) -> list[str]:
    """Columns that count the rows, if there is anything else to learn from."""
    found = [of.name for of in features if of.row_numbers.are_all]
    usable = _usable(features)
    return [name for name in found if name in usable] if usable > {*found} & usable else []


def _usable(features: Sequence[Column]) -> set[str]:
    return {of.name for of in features if of.proposal[0]["kind"] != "ignore"}
