"""A table as `init` sees it, of one file or several: read once, in batches."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from components.example_gen.formats.format import Columns, Format, FormatError
from components.example_gen.formats.parquet.format import Parquet
from documents.shown import shown
from models.declaration import name_problem
from pipeline.init.columns import tellers
from pipeline.init.columns.cells import plain
from pipeline.init.columns.column import Column
from pipeline.init.columns.decimals import agree, read_in_two_ways
from pipeline.init.columns.photos import Photos, unseen
from pipeline.init.columns.pixels import pixels_of
from pipeline.init.columns.tags import flags_of, nothing_of, tags_of
from pipeline.init.tables.class_names import class_names
from pipeline.init.tables.equal_rows import EqualRows
from pipeline.init.tables.form import TableForm, batches, form_of
from pipeline.init.tables.in_time import split_in_time
from pipeline.init.tables.report import TableReport
from pipeline.init.tables.split_column import split_column
from pipeline.init.tables.totals import without_total

_SAMPLE = 20_000
"""Rows in which leaks are looked for."""
_BAD_ROWS = 100
"""That are told of one by one."""


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
    form = form_of(paths, label, header)
    names = _features(form, label)
    reader = form.reader(
        Columns((*names, label), label, known=frozenset([*names, label]), are_looked_at=True)
    )
    report = _nothing_yet(form, reader, [*names, label], is_manifest=manifest)
    sample, has_paths = _read(reader, form.sources, report, tell)
    if not report.label.rows:
        raise form.no_rows(report)
    if manifest and not has_paths:
        why = "".join(f": column {shown(of)} {how}" for of, how in [*report.unseen.items()][:1])
        raise FormatError(
            f"{shown(form.first)} has no column of paths of images that lie below its folder"
            f"{why or '; write them so'}, or take it with --table."
        )
    _conclude(report, sample, form)
    return report


def _features(form: TableForm, label: str) -> list[str]:
    """The names of all columns that features can be called as."""
    found = [of for of in form.names if of != label and not name_problem(of)]
    if form.names and not found:
        raise FormatError(
            f"{shown(form.first)} has no column with a name but the label {shown(label)}, so there"
            " is nothing to learn from."
        )
    return found


def _nothing_yet(
    form: TableForm, reader: Format, names: Sequence[str], *, is_manifest: bool
) -> TableReport:
    """What is known before a row is read."""
    columns = [Column(of) for of in names]
    kind = "manifest" if is_manifest else form.format
    report = TableReport(kind, form.csv, columns, [], 0, 0, 0, {}, {})
    report.nameless = [(at, of) for at, of in enumerate(form.names, 1) if name_problem(of)]
    report.seldom = form.seldom
    for source in form.sources[1:]:
        report.new |= dict.fromkeys(reader.undeclared(source), source)
    return report


def _read(
    reader: Format, sources: Sequence[str], report: TableReport, tell: Callable[[int], None]
) -> tuple[tellers.Sample, bool]:
    """Adds all rows to the report; returns a sample of them, and whether a column holds paths of
    images."""
    *features, label = report.columns
    names = [column.name for column in features]
    sample: dict[str, list[Any]] = {column.name: [] for column in report.columns}
    equal = EqualRows(names, label.name)
    photos: Photos | None = None
    for batch in without_total(batches(reader, sources), report.totals):
        if photos is None and batch.lines:
            photos = Photos(features, batch)
            if not photos.contents:
                report.unseen = unseen(batch, names, report.csv, bool(photos.columns))
        for column in report.columns:
            if photos and column in photos.contents:
                continue
            cells = batch.cells[column.name]
            column.add(cells)
            if len(sample[column.name]) < _SAMPLE:
                sample[column.name] += cells if column is label else map(plain, cells)
        if photos:
            photos.add(batch, label.name)
        equal.add(batch, {column.name for column in photos.columns} if photos else set())
        report.bad_rows += len(batch.bad)
        room = _BAD_ROWS - len(report.bad)
        report.bad += [(row.line, row.reason) for row in batch.bad][:room]
        tell(label.rows)
    report.duplicates, report.contradictions = equal.duplicates, equal.contradictions
    return sample, bool(photos and photos.columns)


def _conclude(report: TableReport, sample: tellers.Sample, form: TableForm) -> None:
    """What only all rows together tell: of the label first, on which the rest depends."""
    *features, label = report.columns
    report.tags, report.separator = tags_of(label)
    report.no_tags = nothing_of(label, report.tags)
    report.tags -= report.no_tags
    report.two_ways = {of.name: cell for of in report.columns if (cell := read_in_two_ways(of))}
    agree(report.columns, form.csv.get("delimiter", ","))
    if not report.tags:
        label.take_classes()
    report.counters = _counters(features)
    report.split = split_column(features)
    if not report.tags:
        _find_leaks(report, sample)
    if report.format == Parquet.NAME and report.has_classes:
        report.names = class_names(form.first, label.name, label.values)
    if not report.split:
        report.in_time = split_in_time(features, sample, report.ignored)
    report.flags = flags_of(label, features)
    report.pixels = pixels_of(features) if report.format == "csv" else None


def _find_leaks(report: TableReport, sample: tellers.Sample) -> None:
    """Columns that tell the label, unless nothing else is left to learn from."""
    report.leaks = tellers.alone(report.columns, sample, has_classes=report.has_classes)
    if report.has_classes:
        return
    report.parts = tellers.together(report.columns, sample, report.ignored)
    others = _usable(report.columns[:-1])
    if not others - report.leaks.keys():
        report.leaks = {}  # a number of a number is what is to be learned
    if not others - report.leaks.keys() - {*report.parts}:
        report.parts = ()


def _counters(features: Sequence[Column]) -> list[str]:
    """Columns that count the rows, if there is anything else to learn from."""
    found = [of.name for of in features if of.row_numbers.are_all]
    usable = _usable(features)
    return [name for name in found if name in usable] if usable > {*found} & usable else []


def _usable(features: Sequence[Column]) -> set[str]:
    return {of.name for of in features if of.proposal[0]["kind"] != "ignore"}
