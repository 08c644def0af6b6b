"""A table as `init` sees it: read once, in batches."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from components.example_gen.formats import files
from components.example_gen.formats.csv.format import Csv
from components.example_gen.formats.format import Batch, Columns, Format, FormatError
from components.example_gen.formats.jsonl.format import Jsonl
from components.example_gen.formats.options import FormatOptions
from components.example_gen.formats.parquet.format import Parquet
from documents.shown import shown
from pipeline.init import leaks
from pipeline.init.column import Column, plain
from pipeline.init.sniff import options_of

_HEAD = 1 << 20
_SAMPLE = 20_000
"""Rows in which leaks are looked for."""
_MOST_HASHES = 2_000_000
_MOST_CLASSES = 100


@dataclasses.dataclass
class TableReport:
    """What was found."""

    format: str
    csv: dict[str, str]
    columns: list[Column]
    """The label last."""
    bad: list[tuple[int | None, str]]
    bad_rows: int
    duplicates: int
    contradictions: int
    """Rows that are equal to an earlier one but for the label."""
    leaks: dict[str, float]

    @property
    def label(self) -> Column:
        """The column that is to be predicted."""
        return self.columns[-1]

    @property
    def has_classes(self) -> bool:
        """Whether the label names classes; a number of many values is to be estimated."""
        few = not self.label.overflows and len(self.label.values) <= _MOST_CLASSES
        return few and not (self.label.is_number and len(self.label.values) > 20)


def look(path: Path, label: str, tell: Callable[[int], None]) -> TableReport:
    """Reads the table.

    Args:
      tell: called with the number of rows, now and then.

    Raises:
      FormatError: it cannot be read, or has no column of that name.
    """
    source = str(path)
    name = next(
        (kind.NAME for kind in (Jsonl, Parquet) if source.lower().endswith(kind.SUFFIXES)), "csv"
    )
    with files.opened(source) as stream:
        csv = options_of(stream.read(_HEAD)) if name == "csv" else {}
    options = FormatOptions.model_validate({"csv": csv})
    kind = {"csv": Csv, "jsonl": Jsonl, "parquet": Parquet}[name]
    names = [of for of in kind(options, Columns((label,), label)).names(source) if of != label]
    format_ = kind(options, Columns((*names, label), label))
    columns = [Column(of) for of in (*names, label)]
    report = TableReport(name, csv, columns, [], 0, 0, 0, {})
    sample: dict[str, list[Any]] = {column.name: [] for column in columns}
    seen: dict[bytes, bytes] = {}
    for batch in _batches(format_, source):
        for column in columns:
            column.add(batch.cells[column.name])
            if len(sample[column.name]) < _SAMPLE:
                sample[column.name] += map(plain, batch.cells[column.name])
        _count_equal(batch, names, label, seen, report)
        report.bad_rows += len(batch.bad)
        report.bad += [(row.line, row.reason) for row in batch.bad][: 100 - len(report.bad)]
        tell(columns[-1].rows)
    if not columns[-1].rows:
        raise FormatError(f"{shown(path)} holds no rows.")
    if report.has_classes:
        report.leaks = _leaks(report, sample)
    return report


def _batches(format_: Format, source: str) -> Iterator[Batch]:
    for part in format_.ranges(source, format_.measure(source) + 1):
        yield from format_.batches(part)


def _count_equal(
    batch: Batch, names: list[str], label: str, seen: dict[bytes, bytes], report: TableReport
) -> None:
    rows = zip(*(batch.cells[name] for name in names), strict=True)
    for row, answer in zip(rows, batch.cells[label], strict=True):
        key = hashlib.blake2b(repr(row).encode("utf-8", "replace"), digest_size=8).digest()
        said = hashlib.blake2b(repr(answer).encode("utf-8", "replace"), digest_size=4).digest()
        if key in seen:
            report.duplicates += 1
            report.contradictions += seen[key] != said
        elif len(seen) < _MOST_HASHES:
            seen[key] = said


def _leaks(report: TableReport, sample: dict[str, list[Any]]) -> dict[str, float]:
    answers = sample[report.label.name]
    labelled = [place for place, answer in enumerate(answers) if answer is not None]
    found = {}
    for column in report.columns[:-1]:
        share = leaks.strength(
            [sample[column.name][place] for place in labelled],
            [answers[place] for place in labelled],
            is_number=column.is_number and column.filled > 0,
        )
        if share >= leaks.LEAK:
            found[column.name] = share
    return found
