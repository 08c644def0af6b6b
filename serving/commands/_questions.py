"""What the arguments of `python -m serving predict` ask about."""

from __future__ import annotations

import dataclasses
import json
import os
import sys
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

from documents.features import Table
from serving.clients import columns, pictures, table_files
from serving.clients.columns import Row
from serving.clients.pictures import Picture

_STANDARD_INPUT = "-"
_TABLES = (*table_files.SUFFIXES, *table_files.OTHERS)


class InputError(ValueError):
    """Standard input is nothing to ask about; the message says why."""


@dataclasses.dataclass(frozen=True)
class Question:
    """One argument, or one file of a folder; nothing is read before it is needed."""

    path: str
    """`-` is standard input."""
    index: int | None = None
    """Which image of an IDX file."""
    row: Row | None = None
    """Columns, which were read already."""

    def read(self) -> Picture | Row | list[Any]:
        """A picture, a row of columns or, from standard input, a list of instances.

        Raises:
          PictureError: it is no picture.
          InputError: it is no list of instances.
        """
        if self.row is not None:
            return self.row
        if self.path != _STANDARD_INPUT:
            return pictures.from_file(Path(self.path), self.index)
        content = sys.stdin.buffer.read(pictures.LARGEST_FILE + 1)
        if content[:1] in (b"[", b"{"):
            return _instances(content)
        return Picture(_STANDARD_INPUT, pictures.checked(content, "Standard input"))


def ask_rows(inputs: Sequence[str]) -> bool:
    """Whether any of the arguments is a row of columns, or a table of them."""
    return any(_is_row(given) or given.lower().endswith(_TABLES) for given in inputs)


def questions(
    inputs: Sequence[str],
    index: int | None,
    taken: Collection[str] = (),
    table: Table | None = None,
) -> list[Question]:
    """What to ask about, in order.

    Args:
      taken: columns that the model takes.
      table: how the files were written that it learned from, where that is not plain.

    Raises:
      PictureError: a folder holds no pictures.
      ColumnError: a table cannot be read, or a column is given twice.
    """
    found: list[Question] = []
    words = [*filter(_is_row, inputs)]
    if words:
        row = columns.from_words(words)
        found.append(Question(row.name, row=row))
    for given in inputs:
        if given in words:
            continue
        if given.lower().endswith(_TABLES):
            rows = table_files.from_file(Path(given), taken, table)
            found += [Question(row.name, row=row) for row in rows]
        elif given != _STANDARD_INPUT and Path(given).is_dir():
            found += [Question(str(path)) for path in pictures.in_folder(Path(given))]
        else:
            found.append(Question(given, index))
    return found


def _is_row(given: str) -> bool:
    return "=" in given and not os.path.exists(given)


def _instances(content: bytes) -> list[Any]:
    if len(content) > pictures.LARGEST_FILE:
        raise InputError(
            f"Standard input is larger than {pictures.LARGEST_FILE >> 20} MiB; send fewer instances"
            " at once."
        )
    try:
        document = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise InputError(f"Standard input is no valid JSON: {error}.") from error
    found = document.get("instances") if isinstance(document, dict) else document
    if not isinstance(found, list):
        raise InputError('Standard input must be a list, or {"instances": [...]}.')
    if not found:
        raise InputError(
            "Standard input holds no instances; write one object for each row, with its features."
        )
    return found
