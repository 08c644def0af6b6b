"""Parquet files, whose row groups are the ranges."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, ClassVar

from components.example_gen.formats import files
from components.example_gen.formats.foreign import foreign
from components.example_gen.formats.format import Batch, Format, FormatError, Range, demand_columns
from documents.cells import nested
from documents.shown import shown

_MAGIC = b"PAR1"
_HEAD = 4_096


class Parquet(Format):
    """Rows have numbers from 1. Cells are what Python has for their types."""

    NAME: ClassVar[str] = "parquet"
    SUFFIXES: ClassVar[tuple[str, ...]] = (".parquet", ".pq")

    def names(self, source: str) -> Sequence[str]:
        """See Format."""
        with self._table(source) as table:
            return self._names(table)

    def ranges(self, source: str, size: int) -> Iterator[Range]:
        """See Format."""
        with self._table(source) as table:
            start, first, row, held = 0, 1, 1, 0
            for group in range(table.num_row_groups):
                metadata = table.metadata.row_group(group)
                row += metadata.num_rows
                held += metadata.total_byte_size
                if held >= size:
                    yield Range(source, start, group + 1, first)
                    start, first, held = group + 1, row, 0
            if start < table.num_row_groups:
                yield Range(source, start, table.num_row_groups, first)

    def batches(self, part: Range) -> Iterator[Batch]:
        """See Format."""
        with self._table(part.path) as table:
            row = part.line
            whole = {*table.schema_arrow.names}
            tops = {name: _top(name, whole) for name in self.columns.needed}
            for record in table.iter_batches(
                batch_size=self.rows_at_once,
                row_groups=[*range(part.start, part.stop)],
                columns=[*dict.fromkeys(tops.values())],
                use_threads=False,
            ):
                cells = {
                    name: record.column(name).to_pylist()
                    if top == name
                    else [nested.cell_of({top: of}, name) for of in record.column(top).to_pylist()]
                    for name, top in tops.items()
                }
                yield Batch(part.path, [*range(row, row + record.num_rows)], cells)
                row += record.num_rows

    def _names(self, table: Any) -> list[str]:
        """Columns, and those of structures."""
        row = {field.name: _shape(field.type) for field in table.schema_arrow}
        twice = table.schema_arrow.names
        return [*nested.names(row, self.columns.known)] if len(row) == len(twice) else twice

    @contextmanager
    def _table(self, path: str) -> Iterator[Any]:
        import pyarrow
        from pyarrow import parquet

        try:
            with files.opened(path) as stream:
                table = parquet.ParquetFile(stream)
                demand_columns(self._names(table), self.columns, path)
                yield table
        except (pyarrow.ArrowException, OSError) as error:
            raise FormatError(f"{shown(path)} {_problem(path, error)}.") from error


def _problem(path: str, error: Exception) -> str:
    """What is wrong with a file that does not read, as the end of a sentence."""
    with suppress(OSError), files.opened(path) as stream:
        head = stream.read(_HEAD)
        if not head:
            return "is empty; take it away, or put the table there"
        told = None if head.startswith(_MAGIC) else foreign(head)
        if told:
            return told
    why = str(error).split("\n")[0].rstrip(".")
    return f"is no sound Parquet file ({shown(why)})"


def _shape(kind: Any) -> dict[str, Any] | None:
    """A structure as an object of its fields."""
    from pyarrow import types

    if not types.is_struct(kind):
        return None
    return {kind.field(at).name: _shape(kind.field(at).type) for at in range(kind.num_fields)}


def _top(name: str, columns: set[str]) -> str:
    """The column of the file in which a column of a structure lies."""
    if name in columns:
        return name
    cuts = (at for at, sign in enumerate(name) if sign == ".")
    return next(name[:at] for at in cuts if name[:at] in columns)
