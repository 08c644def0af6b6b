"""Turns JSON values into arrays, exactly as tensorflow/serving util/json_tensor.cc does.

Nearly every request is a regular list of plain numbers, and `_dense` reads it with a handful of
calls that loop in C. What it declines goes value by value through `_filled`, which finds the first
error in upstream's order and words.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import dataclasses
import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from serving.server.json_body import show, type_name, value_error
from serving.server.signature import DataType
from serving.server.status import Code, StatusError, invalid_argument

Array = NDArray[Any]
Shape = tuple[int, ...]

MAX_RANK = 254
"""TensorFlow's own limit (core/framework/tensor_shape.h); it bounds the recursion here."""

_BASE64_KEY = "b64"
_WHITESPACE = str.maketrans("", "", " \t\n\r\f\v")


@dataclasses.dataclass(frozen=True)
class _Kind:
    """How the values of one type of tensor look in JSON."""

    array_type: Any
    leaf_types: frozenset[type]
    smallest: int = 0
    largest: int = 0
    """Limits of the field of TensorProto that the value travels in upstream: int8, int16 and uint8
    travel as int32 and are then cut to size, so 300 is a valid uint8 and means 44."""


_INT32 = (-(2**31), 2**31 - 1)
_KINDS = {
    # Whole numbers up to these are exact in the type.
    DataType.FLOAT: _Kind(np.float32, frozenset((int, float)), 1 - 2**24, 2**24 - 1),
    DataType.DOUBLE: _Kind(np.float64, frozenset((int, float)), 1 - 2**53, 2**53 - 1),
    DataType.INT32: _Kind(np.int32, frozenset((int,)), *_INT32),
    DataType.INT16: _Kind(np.int16, frozenset((int,)), *_INT32),
    DataType.INT8: _Kind(np.int8, frozenset((int,)), *_INT32),
    DataType.UINT8: _Kind(np.uint8, frozenset((int,)), *_INT32),
    DataType.INT64: _Kind(np.int64, frozenset((int,)), -(2**63), 2**63 - 1),
    DataType.UINT32: _Kind(np.uint32, frozenset((int,)), 0, 2**32 - 1),
    DataType.UINT64: _Kind(np.uint64, frozenset((int,)), 0, 2**64 - 1),
    DataType.BOOL: _Kind(np.bool_, frozenset((bool,))),
    DataType.STRING: _Kind(np.object_, frozenset((str, dict))),
}


def decode(value: Any, dtype: DataType) -> Array:
    """Converts a value, or nested lists of values, to an array; strings become bytes objects.

    Raises:
      StatusError: INVALID_ARGUMENT for ragged lists and values of another type; UNIMPLEMENTED for
        types that JSON requests cannot carry, such as half.
    """
    shape = _shape(value)
    array = _dense(value, shape, dtype)
    return _filled(value, shape, dtype) if array is None else array


def decode_rows(rows: Sequence[Any], name: str, dtype: DataType) -> Array:
    """Converts the elements of `instances` to one array whose first dimension counts them.

    Args:
      rows: one value for input `name` per element; at least one.

    Raises:
      StatusError: as `decode`, naming the element.
    """
    shape = _shape(rows)
    array = _dense(rows, shape, dtype)
    if array is not None:
        return array
    parts: list[Array] = []
    for index, row in enumerate(rows):
        with _in_element(index, name):
            parts.append(decode(row, dtype))
            if parts[-1].size != parts[0].size:
                raise invalid_argument(
                    f"Expecting tensor size: {parts[0].size} but got: {parts[-1].size}"
                )
            if parts[-1].shape != parts[0].shape:
                raise invalid_argument(
                    f"Expecting shape {_show_shape(parts[0].shape)} but got:"
                    f" {_show_shape(parts[-1].shape)}"
                )
    return np.stack(parts)


@contextlib.contextmanager
def _in_element(index: int, name: str) -> Iterator[None]:
    """Says in which element of `instances` an error happened."""
    try:
        yield
    except StatusError as error:
        raise invalid_argument(
            f"Failed to process element: {index} key: {name} of 'instances' list."
            f" Error: {error.described}"
        ) from error


def _shape(value: Any) -> Shape:
    """The shape by the first element of each level; upstream takes it for all the others."""
    shape: list[int] = []
    while isinstance(value, list):
        shape.append(len(value))
        if len(shape) > MAX_RANK:
            raise invalid_argument(f"Lists are nested deeper than {MAX_RANK} levels")
        if not value:
            break
        value = value[0]
    return tuple(shape)


def _dense(value: Any, shape: Shape, dtype: DataType) -> Array | None:
    """The array, or None for anything out of the ordinary, errors included."""
    kind = _KINDS.get(dtype)
    leaves = _leaves(value, shape)
    if kind is None or leaves is None or not kind.leaf_types.issuperset(map(type, leaves)):
        return None
    if dtype is DataType.STRING:
        return _strings(leaves, shape)
    if dtype is DataType.BOOL:
        return np.array(leaves, np.bool_).reshape(shape)
    if dtype is DataType.UINT8:
        # Images, mostly; three times as fast as by way of int64.
        with contextlib.suppress(ValueError):  # Not 0 to 255.
            return np.frombuffer(bytearray(leaves), np.uint8).reshape(shape)
    wide: Any = {DataType.DOUBLE: np.float64, DataType.FLOAT: np.float64}.get(dtype, np.int64)
    try:
        array = np.array(leaves, wide)
    except OverflowError:
        return None
    # A NaN compares as false, and is left to the slow way with all that is too large.
    if array.size and not (array.min() >= kind.smallest and array.max() <= kind.largest):
        return None
    return array.astype(kind.array_type).reshape(shape)


def _leaves(value: Any, shape: Shape) -> list[Any] | None:
    """The values from left to right, or None when the lists are not of that shape."""
    leaves = [value]
    for size in shape:
        if not {list}.issuperset(map(type, leaves)) or not {size}.issuperset(map(len, leaves)):
            return None
        leaves = list(itertools.chain.from_iterable(leaves))
    return leaves


def _strings(leaves: Sequence[Any], shape: Shape) -> Array | None:
    array = np.empty(len(leaves), np.object_)
    try:
        for index, leaf in enumerate(leaves):
            array[index] = leaf.encode() if type(leaf) is str else _from_base64(leaf)
    except (StatusError, UnicodeEncodeError):
        return None
    return array.reshape(shape)


def _filled(value: Any, shape: Shape, dtype: DataType) -> Array:
    values = list(_walk(value, 0, shape, dtype))
    kind = _kind(value, dtype)
    if dtype is DataType.STRING:
        array = np.empty(len(values), np.object_)
        array[:] = values
        return array.reshape(shape)
    wide: Any = np.int64 if kind.smallest == _INT32[0] else kind.array_type
    return np.array(values, wide).astype(kind.array_type).reshape(shape)


def _kind(value: Any, dtype: DataType) -> _Kind:
    if dtype not in _KINDS:
        raise StatusError(
            Code.UNIMPLEMENTED, f"Conversion of JSON Value: {show(value)} to type: {dtype.text}"
        )
    return _KINDS[dtype]


def _walk(value: Any, level: int, shape: Shape, dtype: DataType) -> Iterator[Any]:
    """Yields the converted leaves, checking what FillTensorProto checks, in its order."""
    rank = len(shape)
    if not isinstance(value, list):
        if level != rank:
            raise value_error(
                value,
                f"found at incorrect level: {level + 1} in the JSON DOM. Expected at level: {rank}",
            )
        yield _converted(value, dtype)
        return
    if level >= rank:
        raise invalid_argument(f"Encountered list at unexpected level: {level} expected < {rank}")
    if len(value) != shape[level]:
        raise invalid_argument(
            f"Encountered list at unexpected size: {len(value)} at level: {level}"
            f" expected size: {shape[level]}"
        )
    for element in value:
        yield from _walk(element, level + 1, shape, dtype)


def _converted(value: Any, dtype: DataType) -> Any:
    if isinstance(value, dict):
        if dtype is not DataType.STRING:
            raise _type_error(value, dtype)
        return _from_base64(value)
    kind = _kind(value, dtype)
    if type(value) not in kind.leaf_types:
        raise _type_error(value, dtype)
    return _CONVERSIONS.get(dtype, _whole)(value, dtype, kind)


def _whole(value: int, dtype: DataType, kind: _Kind) -> int:
    if not kind.smallest <= value <= kind.largest:
        raise _type_error(value, dtype)
    return value


def _decimal(value: int | float, dtype: DataType, kind: _Kind) -> float:
    if isinstance(value, int):
        exact = kind.smallest <= value <= kind.largest
    else:
        # Comparisons with NaN are false; NaN and infinities are numbers that every float type has.
        exact = not np.isfinite(value) or abs(value) <= float(np.finfo(kind.array_type).max)
    if not exact:
        raise invalid_argument(
            f"Cannot convert JSON value: {show(value)} to {dtype.text} without loss of precision."
        )
    return value


def _text(value: str, dtype: DataType, kind: _Kind) -> bytes:
    return encode_text(value)


def _flag(value: bool, dtype: DataType, kind: _Kind) -> bool:
    return value


_CONVERSIONS: dict[DataType, Callable[[Any, DataType, _Kind], Any]] = {
    DataType.FLOAT: _decimal,
    DataType.DOUBLE: _decimal,
    DataType.STRING: _text,
    DataType.BOOL: _flag,
}


def encode_text(text: str) -> bytes:
    """The bytes of a JSON string as they were in the request.

    Raises:
      StatusError: INVALID_ARGUMENT for half a surrogate pair, which has none.
    """
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError as error:
        raise invalid_argument(
            "JSON Parse error: The surrogate pair in string is invalid."
        ) from error


def is_base64(value: Any) -> bool:
    """Whether a value is `{"b64": "…"}`, the form in which bytes travel."""
    return isinstance(value, dict) and len(value) == 1 and isinstance(value.get(_BASE64_KEY), str)


def _from_base64(value: dict[str, Any]) -> bytes:
    if not is_base64(value):
        raise value_error(value, "not formatted correctly for base64 data")
    return decode_base64(value[_BASE64_KEY])


def decode_base64(text: str) -> bytes:
    """Decodes as absl::Base64Unescape: whitespace is skipped and padding may be left out.

    Raises:
      StatusError: INVALID_ARGUMENT when it is not base64.
    """
    packed = text.translate(_WHITESPACE).rstrip("=")
    try:
        return base64.b64decode(packed + "=" * (-len(packed) % 4), validate=True)
    except (binascii.Error, ValueError) as error:
        raise invalid_argument("Unable to base64 decode") from error


def _type_error(value: Any, dtype: DataType) -> StatusError:
    return value_error(value, f"Type: {type_name(value)} is not of expected type: {dtype.text}")


def _show_shape(shape: Shape) -> str:
    return f"[{','.join(map(str, shape))}]"
