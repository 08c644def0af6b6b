"""Cells that are paths of files, as tables with photos have them: what lies there is read."""

from __future__ import annotations

import dataclasses
import os

from components.example_gen.formats import files
from components.example_gen.formats.format import BadRow, Batch, Columns
from documents.cells.cell import Cell
from documents.shown import shown

LARGEST = 256 << 20
"""Bytes of one file."""


def filled(batch: Batch, columns: Columns) -> Batch:
    """The batch with the contents of files in the place of their paths.

    Paths are relative to the folder of the table, and never lead out of it. A row whose file cannot
    be read is bad.
    """
    folder = os.path.dirname(batch.path) or "."
    cells = {name: list(of) for name, of in batch.cells.items()}
    wrong: dict[int, str] = {}
    for name in columns.of_files:
        for row, cell in enumerate(cells[name]):
            found = _content(cell, folder)
            if isinstance(found, _Problem):
                wrong.setdefault(row, f"column {shown(name)} {found.reason}")
            else:
                cells[name][row] = found
    if not wrong:
        return dataclasses.replace(batch, cells=dict(cells))
    good = [row for row in range(len(batch.lines)) if row not in wrong]
    bad = [BadRow(*batch.place(row), reason) for row, reason in sorted(wrong.items())]
    return Batch(
        batch.path,
        [batch.lines[row] for row in good],
        {name: [of[row] for row in good] for name, of in cells.items()},
        (*batch.bad, *bad),
    )


@dataclasses.dataclass(frozen=True)
class _Problem:
    reason: str


def _content(cell: Cell, folder: str) -> bytes | _Problem | None:
    if cell is None or (isinstance(cell, str) and not cell.strip()):
        return None
    if isinstance(cell, bytes):
        return cell
    path = files.below(folder, cell.strip()) if isinstance(cell, str) else None
    if path is None:
        return _Problem(f"holds {shown(cell)!r}, which is no path below the folder of the table")
    try:
        if files.is_local(path) and (problem := files.link_problem(path, folder)):
            return _Problem(f"names {shown(cell)}, which {problem}")
        with files.opened(path) as file:
            content = file.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        return _Problem(f"names {shown(cell)}, which cannot be read ({why})")
    if len(content) > LARGEST:
        return _Problem(f"names {shown(cell)}, which is larger than {LARGEST >> 20} MiB")
    return content
