"""Rows of columns to ask a model about: cells as text, and the instance that a signature takes."""

from __future__ import annotations

import dataclasses
import difflib
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from documents.nothing import NOTHING
from documents.picture_formats import PictureError
from documents.shown import shown
from serving.clients import pictures
from serving.clients.signatures import Input

NUMBER, TEXT = "DT_FLOAT", "DT_STRING"


class ColumnError(ValueError):
    """A row cannot be asked about; the message says which and how to mend it."""


@dataclasses.dataclass(frozen=True)
class Row:
    """One row."""

    name: str
    cells: Mapping[str, str]
    is_whole: bool
    """Whether a column that is not there is a mistake, as in a file, or a missing value."""
    folder: Path = Path()
    """Where pictures lie that cells name."""


def takes_columns(inputs: Sequence[Input]) -> bool:
    """Whether a signature takes a number or a text for each of its inputs."""
    return all(item.dtype in (NUMBER, TEXT) and item.shape == (-1,) for item in inputs)


def from_words(words: Sequence[str]) -> Row:
    """The row that `fare=12 company=Red` is.

    Raises:
      ColumnError: a column stands twice.
    """
    cells: dict[str, str] = {}
    for word in words:
        name, _, cell = word.partition("=")
        if name in cells:
            raise ColumnError(f"Column {shown(name)} is given twice; leave one out.")
        cells[name] = cell
    return Row(" ".join(words), cells, is_whole=False)


def instance(row: Row, inputs: Sequence[Input]) -> dict[str, Any]:
    """What is sent: a number or a text for each input, NaN and "" where it is missing, and for a
    picture the content of the file that the cell names.

    Columns of a file that the model does not take are passed over, such as the label.

    Raises:
      ColumnError: a cell is no number, names no picture, or a column is not there or not taken.
    """
    names = [item.name for item in inputs]
    unknown = [name for name in row.cells if name not in names]
    absent = [name for name in names if name not in row.cells]
    if row.is_whole and absent:
        raise ColumnError(
            f"{shown(row.name)} has no column {shown(absent[0])}, which the model takes"
            f"{_close(absent[0], unknown)}."
        )
    if unknown and not row.is_whole:
        raise ColumnError(
            f"The model takes no column {shown(unknown[0])}"
            f"{_close(unknown[0], names) or '; it takes ' + shown(', '.join(names))}."
        )
    return {item.name: _value(row, item) for item in inputs}


def _value(row: Row, item: Input) -> float | str | bytes:
    cell = row.cells.get(item.name, "").strip()
    if item.is_picture:
        return _picture(row, item.name, cell)
    if item.dtype == TEXT:
        return cell
    if cell.lower() in NOTHING:
        return math.nan
    try:
        number = float(cell)
    except ValueError:
        number = math.inf
    if not math.isfinite(number):
        raise ColumnError(
            f"{shown(row.name)}: column {shown(item.name)} holds {shown(repr(cell))}, which is no"
            f" number{'; write it as in 1234.5' * any(map(str.isdigit, cell))}."
        )
    return number


def _picture(row: Row, name: str, cell: str) -> bytes:
    if not cell:
        raise ColumnError(
            f"{shown(row.name)} names no picture in column {shown(name)}; write the path of its"
            " file."
        )
    try:
        return pictures.from_file(row.folder / cell, None).content
    except PictureError as error:
        raise ColumnError(f"{shown(row.name)}: column {shown(name)}: {error}") from error


def _close(name: str, names: Sequence[str]) -> str:
    close = difflib.get_close_matches(name, names, n=1)
    return f" (is it {shown(close[0])}?)" if close else ""
