"""Rows of columns to ask a model about: cells as text, and the instance that a signature takes."""

from __future__ import annotations

import dataclasses
import difflib
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from documents.cells import asked
from documents.cells.cell import Cell, CellError
from documents.cells.texts import text
from documents.features import Feature, Features
from documents.pictures.formats import PictureError
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
    cells: Mapping[str, Cell]
    """Texts of a CSV file and of words; what JSON has, of JSON Lines; what Python has for the types
    of Parquet."""
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


def described(document: Features | None) -> dict[str, Feature]:
    """The features of a model by the names of its inputs; none where nothing lies beside it."""
    found = document.features if document else ()
    return {feature.input.name: feature for feature in found if feature.input}


def instance(
    row: Row, inputs: Sequence[Input], features: Mapping[str, Feature] | None = None
) -> dict[str, Any]:
    """What is sent: a number or a text for each input, NaN and "" where it is missing, and for a
    picture the content of the file that the cell names.

    Columns of a file that the model does not take are passed over, such as the label.

    Args:
      features: what is known of the inputs, by name. Cells are read as those that were learned
        from; without, numbers are written as Python does, and texts stay what they are.

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
    known = features or {}
    return {item.name: _value(row, item, known.get(item.name)) for item in inputs}


def _value(row: Row, item: Input, feature: Feature | None) -> float | str | bytes:
    cell = row.cells.get(item.name)
    if item.is_picture and isinstance(cell, bytes):
        return _checked(row, item.name, cell)
    if item.is_picture:
        return _picture(row, item.name, (text(cell) or "") if cell is not None else "")
    is_number = item.dtype == NUMBER
    read = asked.reader(feature) if feature else None
    try:
        found = (read or (asked.plain_number if is_number else text))(cell)
    except CellError as error:
        raise ColumnError(
            f"{shown(row.name)}: column {shown(item.name)} {shown(error.problem)}"
            f"{_as_learned(feature, cell, is_number=is_number)}."
        ) from error
    if found is None:
        return math.nan if is_number else ""
    return found


def _as_learned(feature: Feature | None, cell: Cell, *, is_number: bool) -> str:
    """The end of a sentence about a cell that is no number, but perhaps one that is written
    otherwise."""
    is_like_one = is_number and isinstance(cell, str) and any(map(str.isdigit, cell))
    if feature is None:
        return "; write it as in 1234.5" if is_like_one else ""
    sample = asked.sample(feature) if is_like_one else None
    return f"; write it as in {shown(sample)}, as the data have it" if sample else ""


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


def _checked(row: Row, name: str, content: bytes) -> bytes:
    """Of a picture that stands in the cell itself."""
    try:
        return pictures.checked(content, shown(name))
    except PictureError as error:
        raise ColumnError(f"{shown(row.name)}: column {error}") from error


def _close(name: str, names: Sequence[str]) -> str:
    close = difflib.get_close_matches(name, names, n=1)
    return f" (is it {shown(close[0])}?)" if close else ""
