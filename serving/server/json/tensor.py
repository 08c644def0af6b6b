"""Turns JSON values into arrays, exactly as tensorflow/serving util/json_tensor.cc does.

Values that fit are read by `json_dense` with a handful of calls that loop in C. Where it finds that
something does not fit, the first such value is looked for by halves, also with those calls, so that
an error costs no more than an answer, and is told in upstream's order and words.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from serving.server.json.body import show, show_name, type_name, value_error
from serving.server.json.bytes import encode_text, from_base64
from serving.server.json.dense import KINDS, dense, few, one_of
from serving.server.json.pieces import Mixed, Pieces
from serving.server.signature import DataType
from serving.server.status import Code, StatusError, invalid_argument
from serving.server.tensors.gathered import Gathered, Shape
from serving.server.tensors.texts import Tensor

MAX_RANK = 32
"""Arrays of numpy 1 have no more; TensorFlow's own limit is 254 (framework/tensor_shape.h)."""


def decode(value: Any, dtype: DataType, *, booleans: bool = True) -> Tensor:
    """Converts a value, or nested lists of values, to an array; strings become bytes objects.

    Numbers become the nearest float, infinity included; a whole number must fit its type.

    Args:
      value: what a JSON parser gave.
      dtype: of the tensor.
      booleans: whether `true` or `false` may be among the values; looking for them takes time.

    Raises:
      StatusError: INVALID_ARGUMENT for ragged lists and values of another type; UNIMPLEMENTED for
        types that JSON requests cannot carry, such as half.
    """
    if isinstance(value, Pieces | Mixed):
        return _decode_pieces(value, dtype, booleans)
    shape = shape_of(value)
    array = dense(value, shape, dtype, booleans)
    if array is None:
        raise _first_error(value, shape, dtype)
    return array


def _decode_pieces(pieces: Pieces | Mixed, dtype: DataType, booleans: bool) -> Tensor:
    """As `decode`, of a list that is read piece by piece, or has elements that are."""
    gathered = Gathered(0 if isinstance(pieces, Mixed) else pieces.most_values)
    for values in [pieces] if isinstance(pieces, Mixed) else pieces:
        if isinstance(values, Mixed):
            for element in values:
                gathered.add(one_of(decode(element, dtype, booleans=booleans)))
            continue
        rest = shape_of(values)[1:] if gathered.rest is None else gathered.rest
        array = dense(values, (len(values), *rest), dtype, booleans)
        if array is None:
            raise _first_error(values, (len(values), *rest), dtype)
        gathered.add(array)
    return gathered.array()


def decode_rows(
    rows: Sequence[Any],
    dtype: DataType,
    name: str | None = None,
    *,
    booleans: bool = True,
    number: int = 0,
) -> Tensor:
    """Converts the elements of `instances` to one array whose first dimension counts them.

    Args:
      rows: one value per element; at least one.
      dtype: of the tensor.
      name: of the input, for errors; None where the elements do not name it.
      booleans: as for `decode`.
      number: of the first row, for errors.

    Raises:
      StatusError: as `decode`, naming the element.
    """
    if isinstance(rows, Mixed):
        return _decode_large_rows(rows, dtype, name, booleans, number)
    array = few(rows, dtype)
    if array is None:
        array = dense(rows, shape_of(rows), dtype, booleans)
    if array is None:
        index = first_bad_row(rows, dtype)
        raise row_error(number + index, rows[index], rows[0], dtype, name)
    return array


def _decode_large_rows(
    rows: Mixed, dtype: DataType, name: str | None, booleans: bool, number: int
) -> Tensor:
    gathered: Gathered | None = None
    for index, row in enumerate(rows):
        try:
            array = decode(row, dtype, booleans=booleans)
            if gathered is None:
                gathered = Gathered(len(rows) * math.prod(array.shape))
            elif gathered.rest is not None:
                _check_shape(array.shape, gathered.rest)
        except StatusError as error:
            raise element_error(number + index, error.described, name) from error
        gathered.add(one_of(array))
    assert gathered is not None
    return gathered.array()


def first_bad_row(rows: Sequence[Any], dtype: DataType) -> int:
    """Index of the first element that is not as the first one is; their number if all are."""
    shape = shape_of(rows)
    if dense(rows, shape, dtype) is not None:
        return len(rows)
    return _first_bad(rows, shape[1:], dtype)


def row_error(
    index: int, row: Any, first: Any, dtype: DataType, name: str | None = None
) -> StatusError:
    """What is wrong with an element of `instances` (AddInstanceItem).

    Args:
      index: which element it is.
      row: its value for the input.
      first: that of the first element, which the others must resemble.
      dtype: of the tensor.
      name: of the input; None where the elements do not name it.
    """
    try:
        large = isinstance(first, Pieces | Mixed)
        expected = decode(first, dtype).shape if large else shape_of(first)
        _check_shape(decode(row, dtype).shape, expected)
        problem = "It is not like the first one"
    except StatusError as raised:
        problem = raised.described
    return element_error(index, problem, name)


def _check_shape(found: Shape, expected: Shape) -> None:
    if math.prod(found) != math.prod(expected):
        raise invalid_argument(
            f"Expecting tensor size: {math.prod(expected)} but got: {math.prod(found)}"
        )
    if found != expected:
        raise invalid_argument(
            f"Expecting shape {show_shape(expected)} but got: {show_shape(found)}"
        )


def element_error(index: int, problem: str, name: str | None = None) -> StatusError:
    """An error that says in which element of `instances`, and under which key, it is."""
    key = "" if name is None else f" key: {show_name(name)}"
    return invalid_argument(
        f"Failed to process element: {index}{key} of 'instances' list. Error: {problem}"
    )


def shape_of(value: Any) -> Shape:
    """The shape by the first element of each level; upstream takes it for all the others.

    Raises:
      StatusError: INVALID_ARGUMENT for more levels than an array can have.
    """
    shape: list[int] = []
    while isinstance(value, list):
        shape.append(len(value))
        if len(shape) > MAX_RANK:
            raise invalid_argument(
                f"Lists are nested deeper than {MAX_RANK} levels, which is as many dimensions as"
                " this server takes"
            )
        if not value:
            break
        value = value[0]
    return tuple(shape)


def show_shape(shape: Sequence[int]) -> str:
    """A shape as upstream prints it."""
    return f"[{','.join(map(str, shape))}]"


def _first_bad(elements: Sequence[Any], shape: Shape, dtype: DataType) -> int:
    """Index of the first element that is not of the shape or holds a wrong value; there is one.

    Halves what is left each time, so that all of it takes as long as reading everything once.
    """
    low, high = 0, len(elements)
    while high - low > 1:
        middle = (low + high) // 2
        if dense(elements[low:middle], (middle - low, *shape), dtype) is None:
            high = middle
        else:
            low = middle
    return low


def _first_error(value: Any, shape: Shape, dtype: DataType, level: int = 0) -> StatusError:
    """The first thing wrong with a value that is not dense, as FillTensorProto finds it."""
    rank = len(shape)
    if not isinstance(value, list):
        if level != rank:
            return value_error(
                value,
                f"found at incorrect level: {level + 1} in the JSON DOM. Expected at level: {rank}",
            )
        return _leaf_error(value, dtype)
    if level >= rank:
        return invalid_argument(f"Encountered list at unexpected level: {level} expected < {rank}")
    if len(value) != shape[level]:
        return invalid_argument(
            f"Encountered list at unexpected size: {len(value)} at level: {level}"
            f" expected size: {shape[level]}"
        )
    if not value:
        return _unimplemented("[]", dtype)
    first = _first_bad(value, shape[level + 1 :], dtype)
    return _first_error(value[first], shape, dtype, level + 1)


def _leaf_error(value: Any, dtype: DataType) -> StatusError:
    if dtype is DataType.STRING and isinstance(value, str | dict):
        try:
            encode_text(value) if isinstance(value, str) else from_base64(value)
        except StatusError as error:
            return error
    if not isinstance(value, dict) and not (dtype in KINDS and KINDS[dtype].leaf_types):
        return _unimplemented(show(value), dtype)
    return value_error(value, f"Type: {type_name(value)} is not of expected type: {dtype.text}")


def _unimplemented(shown: str, dtype: DataType) -> StatusError:
    return StatusError(
        Code.UNIMPLEMENTED, f"Conversion of JSON Value: {shown} to type: {dtype.text}"
    )
