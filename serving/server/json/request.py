"""Finds the input arrays in the body of a predict request, in row or column format."""

from __future__ import annotations

import contextlib
import enum
from collections.abc import Mapping
from typing import Any

import numpy as np

from serving.server.json.body import show, show_name, value_error
from serving.server.json.bytes import is_base64
from serving.server.json.dense import of_grid, one_row
from serving.server.json.document import Document, JsonObject
from serving.server.json.lenient import Repeated
from serving.server.json.pieces import Mixed, Pieces
from serving.server.json.tensor import (
    decode,
    decode_rows,
    element_error,
    first_bad_row,
    row_error,
)
from serving.server.signature import DataType, TensorInfo
from serving.server.status import StatusError, invalid_argument
from serving.server.tensors.gathered import Gathered
from serving.server.tensors.texts import Tensor, rows_from


class Format(enum.Enum):
    """The form of a request, which the answer takes too."""

    ROW = "instances"
    COLUMN = "inputs"


def read_inputs(
    document: JsonObject, inputs: Mapping[str, TensorInfo]
) -> tuple[Format, dict[str, Tensor]]:
    """The arrays by input name (FillPredictRequestFromJson in util/json_tensor.cc).

    Raises:
      StatusError: as `json_tensor.decode`, or for a document of the wrong form.
    """
    if isinstance(document, Document):
        read = _grid(document, inputs)
        if read is not None:
            return read
        document.expand()
    booleans = getattr(document, "booleans", True)
    if "instances" not in document:
        if "inputs" not in document:
            raise invalid_argument("Missing 'inputs' or 'instances' key")
        return Format.COLUMN, _columns(document["inputs"], inputs, booleans)
    if "inputs" in document:
        raise value_error(
            document,
            "Not formatted correctly expecting only one of 'inputs' or 'instances' keys to exist ",
        )
    rows = document["instances"]
    if isinstance(rows, Pieces):
        return Format.ROW, _pieced_rows(rows, inputs, booleans)
    if not isinstance(rows, list):
        raise value_error(document, "Expecting 'instances' to be an list/array")
    if not rows:
        raise value_error(document, "No values in 'instances' array")
    return Format.ROW, _rows(rows, inputs, booleans)


def _grid(
    document: Document, inputs: Mapping[str, TensorInfo]
) -> tuple[Format, dict[str, Tensor]] | None:
    """The array of the only input if the document has it as a grid; None for any other one."""
    if len(inputs) != 1 or ("instances" in document) == ("inputs" in document):
        return None
    [(name, info)] = inputs.items()
    form = Format.ROW if "instances" in document else Format.COLUMN
    found = document[form.value]
    if isinstance(found, dict) and form is Format.COLUMN:
        found = found.get(name)
    array = of_grid(found, info.dtype) if isinstance(found, np.ndarray) else None
    return None if array is None else (form, {name: array})


def _pieced_rows(
    pieces: Pieces, inputs: Mapping[str, TensorInfo], booleans: bool
) -> dict[str, Tensor]:
    gathered = {name: Gathered(pieces.most_values) for name in inputs}
    first: list[Any] = []
    has_pieces = False
    """Whether the first row may be so large that it is read in pieces."""
    count = 0
    for rows in pieces:
        # With the very first row before them, which all others must resemble.
        kind = Mixed if isinstance(rows, Mixed) or has_pieces else list
        arrays = _rows(kind([*first, *rows]), inputs, booleans, count - len(first))
        for name, array in arrays.items():
            gathered[name].add(rows_from(array, len(first)))
        count += len(rows)
        has_pieces = has_pieces or (not first and isinstance(rows, Mixed))
        first = first or rows[:1]
    return {name: gathered.pop(name).array() for name in inputs}


def _rows(
    rows: list[Any], inputs: Mapping[str, TensorInfo], booleans: bool, number: int = 0
) -> dict[str, Tensor]:
    """The arrays of rows, of which the first has that number in the request."""
    if len(inputs) > 1 and not isinstance(rows[0], dict):
        raise invalid_argument(
            "instances is a plain list, but expecting list of objects as multiple input tensors"
            " required as per tensorinfo_map"
        )
    if _is_named(rows[0]):
        return _named_rows(rows, inputs, booleans, number)
    name, info = next(iter(inputs.items()))
    try:
        return {name: decode_rows(rows, info.dtype, booleans=booleans, number=number)}
    except StatusError:
        if isinstance(rows, Mixed):
            raise
        index = first_bad_row(rows, info.dtype)
        if not _is_named(rows[index]):
            raise
    raise invalid_argument(
        f"Expecting value/list but got object at item {number + index} of input list"
    )


def _named_rows(
    rows: list[Any], inputs: Mapping[str, TensorInfo], booleans: bool, number: int
) -> dict[str, Tensor]:
    regular = _count_regular(rows, inputs)
    if regular == len(rows) == 1 and (arrays := one_row(rows[0], inputs)) is not None:
        return arrays
    if regular == len(rows) and isinstance(rows, Mixed):
        return {
            name: decode_rows(
                Mixed([row[name] for row in rows]), info.dtype, name,
                booleans=booleans, number=number,
            )
            for name, info in inputs.items()
        }  # fmt: skip
    if regular == len(rows):
        with contextlib.suppress(StatusError):
            return {
                name: decode_rows([row[name] for row in rows], info.dtype, booleans=booleans)
                for name, info in inputs.items()
            }
    raise _first_row_error(rows, regular, inputs, number)


def _count_regular(rows: list[Any], inputs: Mapping[str, TensorInfo]) -> int:
    """How many rows there are before the first that has not just the members it should have."""
    names = inputs.keys()
    for index, row in enumerate(rows):
        if type(row) is not dict or row.keys() != names:
            return index
    return len(rows)


def _first_row_error(
    rows: list[Any], regular: int, inputs: Mapping[str, TensorInfo], number: int
) -> StatusError:
    """What upstream stumbles over first, going through the rows and each row's members."""
    index = regular
    for name, info in inputs.items():
        if index:
            column = [row[name] for row in rows[:index]]
            index = min(index, first_bad_row(column, info.dtype))
    row = rows[index]
    number += index
    if not _is_named(row):
        return invalid_argument(f"Expecting object but got list at item {number} of input list")
    first = rows[0] if regular else row
    for name, value in row.items():
        if name not in inputs:
            return element_error(
                number,
                f"INVALID_ARGUMENT: JSON object: does not have named input: {show_name(name)}",
                name,
            )
        if first_bad_row([first[name], value], inputs[name].dtype) < 2:
            return row_error(number, value, first[name], inputs[name].dtype, name)
    if isinstance(row, Repeated):
        return invalid_argument(f"Element {number} of 'instances' has a member twice: {show(row)}")
    return invalid_argument(
        f"Failed to process element: {number} of 'instances' list. JSON object: {show(row)} keys"
        f" must be equal to: {','.join(inputs)}"
    )


def _columns(columns: Any, inputs: Mapping[str, TensorInfo], booleans: bool) -> dict[str, Tensor]:
    if not _is_named(columns):
        if len(inputs) > 1:
            raise invalid_argument(
                "inputs is a plain value/list, but expecting an object as multiple input tensors"
                " required as per tensorinfo_map"
            )
        name, info = next(iter(inputs.items()))
        return {name: _column(columns, info.dtype, booleans)}
    arrays = {}
    for name, info in inputs.items():
        if name not in columns:
            raise invalid_argument(f"Missing named input: {name} in 'inputs' object.")
        arrays[name] = _column(columns[name], info.dtype, booleans)
    return arrays


def _column(value: Any, dtype: DataType, booleans: bool) -> Tensor:
    return decode(value, dtype, booleans=booleans)


def _is_named(value: Any) -> bool:
    """Whether a value is an object of named inputs rather than a value of one."""
    return isinstance(value, dict) and not is_base64(value)
