"""Rows of a Parquet file, for whoever asks a model about them as it was trained on such files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from documents.cells import nested
from documents.cells.cell import Cell
from documents.regular_file import NotRegularError, regular_file
from documents.shown import shown
from serving.clients.columns import ColumnError


def rows(path: Path, largest: int) -> Iterator[tuple[str, dict[str, Cell]]]:
    """What each row is called, and its cells; those of objects are columns, as in training.

    Args:
      largest: bytes of all row groups unpacked, beyond which a file is refused.

    Raises:
      ColumnError: it cannot be read, is no such file, or is too large.
    """
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError as error:
        raise ColumnError(
            f"{shown(path)} is read where pyarrow is installed; write its rows as CSV or JSON Lines"
            " (.jsonl)."
        ) from error
    try:
        with regular_file(path) as file:
            table: Any = parquet.ParquetFile(file)
            groups = map(table.metadata.row_group, range(table.num_row_groups))
            if sum(group.total_byte_size for group in groups) > largest:
                size = f"{largest >> 20} MiB"
                raise ColumnError(f"{shown(path)} is larger than {size}; ask in parts.")
            found = table.read(use_threads=False).to_pylist()
    except NotRegularError as error:
        raise ColumnError(f"{shown(path)} {error.strerror}.") from error
    except FileNotFoundError as error:
        raise ColumnError(f"Cannot read {shown(path)}: {error.strerror}.") from error
    except (pyarrow.ArrowException, OSError) as error:
        why = str(error).split("\n")[0].rstrip(".")
        raise ColumnError(f"{shown(path)} is no sound Parquet file ({shown(why)}).") from error
    # A structure that is null in a row has parts in others.
    names = dict.fromkeys(name for row in found for name in nested.names(row, ()))
    for number, row in enumerate(found, start=1):
        yield f"{path}, row {number}", {name: nested.cell_of(row, name) for name in names}
