"""Turns JSON values into arrays, exactly as tensorflow/serving util/json_tensor.cc does.

Values that fit are read by `_dense` with a handful of calls that loop in C. Where it finds that
something does not fit, the first such value is looked for by halves, also with those calls, so that
an error costs no more than an answer, and is told in upstream's order and words.
"""

from __future__ import annotations

import contextlib
import dataclasses
import itertools
import math
import struct
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from serving.server.json_body import show, type_name, value_error
from serving.server.json_bytes import encode_text, from_base64
from serving.server.signature import DataType
from serving.server.status import Code, StatusError, invalid_argument

Array = NDArray[Any]
Shape = tuple[int, ...]

MAX_RANK = 32
"""Arrays of numpy 1 have no more; TensorFlow's own limit is 254 (framework/tensor_shape.h)."""

_BLOCK = 1 << 16
"""Values of one list that are converted at a time."""
_SHORT_LIST = 16
"""Innermost lists of fewer values are joined before they are packed."""


@dataclasses.dataclass(frozen=True)
class _Kind:
    """How the values of one type of tensor look in JSON."""

    array_type: Any
    leaf_types: frozenset[type] = frozenset()
    """Empty for types that JSON cannot carry: lists without values are fine even then."""
    smallest: int = 0
    largest: int = 0
    """Limits of the field of TensorProto that the value travels in upstream: int8, int16 and uint8
    travel as int32 and are then cut to size, so 300 is a valid uint8 and means 44."""
    packed_as: str = "q"
    """The format in which `struct` packs a value, before it gets the type of the array."""


_INTEGERS = frozenset((int,))
_DECIMALS = frozenset((int, float))
_INT32 = (-(2**31), 2**31 - 1)
_KINDS = {
    DataType.FLOAT: _Kind(np.float32, _DECIMALS, packed_as="d"),
    DataType.DOUBLE: _Kind(np.float64, _DECIMALS, packed_as="d"),
    DataType.INT32: _Kind(np.int32, _INTEGERS, *_INT32),
    DataType.INT16: _Kind(np.int16, _INTEGERS, *_INT32),
    DataType.INT8: _Kind(np.int8, _INTEGERS, *_INT32),
    DataType.UINT8: _Kind(np.uint8, _INTEGERS, *_INT32),
    DataType.INT64: _Kind(np.int64, _INTEGERS, -(2**63), 2**63 - 1),
    DataType.UINT32: _Kind(np.uint32, _INTEGERS, 0, 2**32 - 1),
    DataType.UINT64: _Kind(np.uint64, _INTEGERS, 0, 2**64 - 1, "Q"),
    DataType.BOOL: _Kind(np.bool_, frozenset((bool,))),
    DataType.STRING: _Kind(np.object_, frozenset((str, dict))),
    DataType.HALF: _Kind(np.float16),
    DataType.UINT16: _Kind(np.uint16),
    DataType.COMPLEX64: _Kind(np.complex64),
    DataType.COMPLEX128: _Kind(np.complex128),
}


def decode(value: Any, dtype: DataType, *, booleans: bool = True) -> Array:
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
    shape = shape_of(value)
    array = _dense(value, shape, dtype, booleans)
    if array is None:
        raise _first_error(value, shape, dtype)
    return array


def decode_pieces(pieces: Iterable[list[Any]], dtype: DataType, *, booleans: bool = True) -> Array:
    """As `decode`, of a list that is read piece by piece."""
    arrays: list[Array] = []
    rest: Shape = ()
    for values in pieces:
        rest = rest if arrays else shape_of(values)[1:]
        array = _dense(values, (len(values), *rest), dtype, booleans)
        if array is None:
            raise _first_error(values, (len(values), *rest), dtype)
        arrays.append(array)
    return joined(arrays)


def decode_rows(
    rows: Sequence[Any], dtype: DataType, name: str = "", *, booleans: bool = True, number: int = 0
) -> Array:
    """Converts the elements of `instances` to one array whose first dimension counts them.

    Args:
      rows: one value per element; at least one.
      dtype: of the tensor.
      name: of the input, for errors; "" where the elements do not name it.
      booleans: as for `decode`.
      number: of the first row, for errors.

    Raises:
      StatusError: as `decode`, naming the element.
    """
    array = _dense(rows, shape_of(rows), dtype, booleans)
    if array is None:
        index = first_bad_row(rows, dtype)
        raise row_error(number + index, rows[index], rows[0], dtype, name)
    return array


def first_bad_row(rows: Sequence[Any], dtype: DataType) -> int:
    """Index of the first element that is not as the first one is; their number if all are."""
    shape = shape_of(rows)
    if _dense(rows, shape, dtype) is not None:
        return len(rows)
    return _first_bad(rows, shape[1:], dtype)


def row_error(index: int, row: Any, first: Any, dtype: DataType, name: str = "") -> StatusError:
    """What is wrong with an element of `instances` (AddInstanceItem).

    Args:
      index: which element it is.
      row: its value for the input.
      first: that of the first element, which the others must resemble.
      dtype: of the tensor.
      name: of the input; "" where the elements do not name it.
    """
    try:
        found, expected = decode(row, dtype).shape, shape_of(first)
        if math.prod(found) != math.prod(expected):
            problem = f"Expecting tensor size: {math.prod(expected)} but got: {math.prod(found)}"
        else:
            problem = f"Expecting shape {show_shape(expected)} but got: {show_shape(found)}"
        error = invalid_argument(problem)
    except StatusError as raised:
        error = raised
    return element_error(index, error.described, name)


def element_error(index: int, problem: str, name: str = "") -> StatusError:
    """An error that says in which element of `instances`, and under which key, it is."""
    key = f" key: {name}" if name else ""
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


def _dense(value: Any, shape: Shape, dtype: DataType, booleans: bool = True) -> Array | None:
    """The array, or None where anything is wrong with a value."""
    kind = _KINDS.get(dtype)
    lists = _innermost(value, shape)
    if kind is None or lists is None:
        return None
    if dtype is DataType.UINT8 and not booleans:
        # Images, mostly.
        with contextlib.suppress(ValueError, TypeError):  # Not 0 to 255.
            return np.frombuffer(b"".join(map(bytes, lists)), np.uint8).reshape(shape)
    if booleans or kind.leaf_types not in (_INTEGERS, _DECIMALS):
        types = set(map(type, itertools.chain.from_iterable(lists)))
        if not types <= kind.leaf_types:
            return None
    if dtype is DataType.STRING:
        return _strings(lists, shape)
    if dtype is DataType.BOOL or not kind.leaf_types:
        leaves = list(itertools.chain.from_iterable(lists))
        return np.array(leaves, kind.array_type).reshape(shape)
    return _numbers(lists, shape, kind)


def _innermost(value: Any, shape: Shape) -> list[list[Any]] | None:
    """The lists that hold the values, in order, or None when the lists are not of that shape."""
    if not shape:
        return None if isinstance(value, list) else [[value]]
    lists = [value]
    for size in shape[:-1]:
        if not _are_lists(lists, size):
            return None
        lists = list(itertools.chain.from_iterable(lists))
    if not _are_lists(lists, shape[-1]):
        return None
    if len(lists) > 1 and shape[-1] < _SHORT_LIST:
        lists = [list(itertools.chain.from_iterable(lists))]
        # A list among the values is seen by its type, whatever reads them.
    return lists


def _are_lists(values: list[Any], size: int) -> bool:
    return {list}.issuperset(map(type, values)) and {size}.issuperset(map(len, values))


def _numbers(lists: list[list[Any]], shape: Shape, kind: _Kind) -> Array | None:
    if lists and len(lists[0]) > _BLOCK:
        # To pack a list takes three times its room.
        blocks = (values[i : i + _BLOCK] for values in lists for i in range(0, len(values), _BLOCK))
        parts: list[Array] = []
        for block in blocks:
            part = _numbers([block], (len(block),), kind)
            if part is None:
                return None
            parts.append(part)
        return joined(parts).reshape(shape)
    pack = struct.Struct(f"={len(lists[0]) if lists else 0}{kind.packed_as}").pack
    try:
        packed = b"".join([pack(*values) for values in lists])
    except struct.error:  # A value of another type, or too large for 64 bits.
        return None
    array = np.frombuffer(packed, f"={kind.packed_as}").reshape(shape)
    if kind.packed_as == "d":
        with np.errstate(over="ignore"):
            return array.astype(kind.array_type, copy=False)
    if array.size and not (array.min() >= kind.smallest and array.max() <= kind.largest):
        return None
    return array.astype(kind.array_type, copy=False)


def _strings(lists: list[list[Any]], shape: Shape) -> Array | None:
    leaves = itertools.chain.from_iterable(lists)
    array = np.empty(math.prod(shape), np.object_)
    try:
        for start in range(0, len(array), _BLOCK):
            array[start : start + _BLOCK] = _encoded(list(itertools.islice(leaves, _BLOCK)))
    except StatusError:
        return None
    return array.reshape(shape)


def _encoded(leaves: list[Any]) -> list[bytes]:
    """The bytes of strings; what comes again is shared, as an object takes ten times a short one's
    room."""
    if {str}.issuperset(map(type, leaves)):
        known = {text: encode_text(text) for text in set(leaves)}
        return [known[text] for text in leaves]
    return [encode_text(leaf) if type(leaf) is str else from_base64(leaf) for leaf in leaves]


def joined(parts: list[Array]) -> Array:
    """Arrays after each other, in one; they are used up."""
    if len(parts) == 1:
        return parts.pop()
    shape = (sum(map(len, parts)), *parts[0].shape[1:])
    if any(part.shape[1:] != shape[1:] for part in parts):
        return np.concatenate(parts)  # Which says so.
    array = np.empty(shape, parts[0].dtype)
    position = 0
    parts.reverse()
    while parts:
        part = parts.pop()
        array[position : position + len(part)] = part
        position += len(part)
    return array


def _first_bad(elements: Sequence[Any], shape: Shape, dtype: DataType) -> int:
    """Index of the first element that is not of the shape or holds a wrong value; there is one.

    Halves what is left each time, so that all of it takes as long as reading everything once.
    """
    low, high = 0, len(elements)
    while high - low > 1:
        middle = (low + high) // 2
        if _dense(elements[low:middle], (middle - low, *shape), dtype) is None:
            high = middle
        else:
            low = middle
    return low


def _first_error(value: Any, shape: Shape, dtype: DataType, level: int = 0) -> StatusError:
    """The first thing wrong with a value that `_dense` declined, as FillTensorProto finds it."""
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
    if not isinstance(value, dict) and not (dtype in _KINDS and _KINDS[dtype].leaf_types):
        return _unimplemented(show(value), dtype)
    return value_error(value, f"Type: {type_name(value)} is not of expected type: {dtype.text}")


def _unimplemented(shown: str, dtype: DataType) -> StatusError:
    return StatusError(
        Code.UNIMPLEMENTED, f"Conversion of JSON Value: {shown} to type: {dtype.text}"
    )
