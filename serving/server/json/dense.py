"""Arrays of JSON lists that are as they should be, by a handful of calls that loop in C."""

from __future__ import annotations

import contextlib
import dataclasses
import itertools
import math
import struct
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from serving.server.json.bytes import encode_text, from_base64
from serving.server.json.grid import Grid
from serving.server.signature import DataType, TensorInfo
from serving.server.status import StatusError
from serving.server.tensors import texts
from serving.server.tensors.gathered import Gathered, Shape
from serving.server.tensors.texts import Array, Tensor, Texts

_BLOCK = 1 << 16
"""Values of one list that are converted at a time."""
_SHORT_LIST = 16
"""Innermost lists of fewer values are joined before they are packed."""
_FLOATS = "fd"
"""Formats of `struct`; the first raises OverflowError where numpy would only warn, for each."""


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


_JUST_FLOATS, _JUST_TEXTS = frozenset((float,)), frozenset((str,))
_INTEGERS = frozenset((int,))
_DECIMALS = frozenset((int, float))
_INT32 = (-(2**31), 2**31 - 1)
KINDS = {
    DataType.FLOAT: _Kind(np.float32, _DECIMALS, packed_as="f"),
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


def dense(value: Any, shape: Shape, dtype: DataType, booleans: bool = True) -> Array | None:
    """The array, or None where anything is wrong with a value."""
    kind = KINDS.get(dtype)
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


def of_grid(grid: Grid, dtype: DataType) -> Array | None:
    """The array that `dense` makes of the lists of a grid, or None for what takes no numbers."""
    kind = KINDS.get(dtype)
    if kind is None or int not in kind.leaf_types:
        return None
    return grid.astype(kind.array_type)


def one_row(row: Mapping[str, Any], inputs: Mapping[str, TensorInfo]) -> dict[str, Tensor] | None:
    """The arrays [1] of a row of a table as `dense` reads each of them, all at once.

    Args:
      row: has a value for each input, and no others.
      inputs: of the signature.

    Returns:
      None for a row that has more than decimals and texts; it is then read column by column.
    """
    numbers = [name for name, info in inputs.items() if info.dtype is DataType.FLOAT]
    strings = [name for name, info in inputs.items() if info.dtype is DataType.STRING]
    if len(numbers) + len(strings) < len(inputs):
        return None
    decimals, words = [row[name] for name in numbers], [row[name] for name in strings]
    if not (_DECIMALS.issuperset(map(type, decimals)) and _JUST_TEXTS.issuperset(map(type, words))):
        return None
    objects = np.empty(len(words), np.object_)
    try:
        floats = np.frombuffer(struct.pack(f"={len(decimals)}f", *decimals), np.float32)
        objects[:] = [encode_text(text) for text in words]
    except (OverflowError, StatusError):
        return None
    arrays: dict[str, Tensor] = {name: floats[i : i + 1] for i, name in enumerate(numbers)}
    arrays.update((name, objects[i : i + 1]) for i, name in enumerate(strings))
    return arrays


def few(values: Sequence[Any], dtype: DataType) -> Array | None:
    """A few decimals or texts [n] as `dense` reads them, or None for whatever else there is.

    A row of a table has one value of each column: to look into each as into a list of lists took a
    twentieth of the CPU time of its request.
    """
    if len(values) > _SHORT_LIST:
        return None
    if dtype is DataType.FLOAT and _JUST_FLOATS.issuperset(map(type, values)):
        with contextlib.suppress(OverflowError):
            return np.frombuffer(struct.pack(f"={len(values)}f", *values), np.float32)
    if dtype is DataType.STRING and _JUST_TEXTS.issuperset(map(type, values)):
        array = np.empty(len(values), np.object_)
        with contextlib.suppress(StatusError):
            array[:] = [encode_text(text) for text in values]
            return array
    return None


def _innermost(value: Any, shape: Shape) -> list[list[Any]] | None:
    """The lists that hold the values, in order, or None when the lists are not of that shape."""
    if not shape:
        return None if isinstance(value, list) else [[value]]
    lists = [value]
    if len(shape) == 1:  # Which the value has by its first level.
        return lists if type(value) is list and len(value) == shape[0] else None
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
        gathered = Gathered(math.prod(shape))
        for block in blocks:
            part = _numbers([block], (len(block),), kind)
            if part is None:
                return None
            gathered.add(part)
        return texts.unpacked(gathered.array()).reshape(shape)
    pack = struct.Struct(f"={len(lists[0]) if lists else 0}{kind.packed_as}").pack
    try:
        packed = b"".join([pack(*values) for values in lists])
    except struct.error:  # A value of another type, or too large for 64 bits.
        return None
    except OverflowError:  # Beyond a float it is infinite; beyond a double it is none.
        return _rounded(lists, shape, kind)
    array = np.frombuffer(packed, f"={kind.packed_as}").reshape(shape)
    if kind.packed_as in _FLOATS:
        return array
    if array.size and not (array.min() >= kind.smallest and array.max() <= kind.largest):
        return None
    return array.astype(kind.array_type, copy=False)


def _rounded(lists: list[list[Any]], shape: Shape, kind: _Kind) -> Array | None:
    if kind.packed_as == "d":
        return None
    doubles = _numbers(lists, shape, KINDS[DataType.DOUBLE])
    if doubles is None:
        return None
    with np.errstate(over="ignore"):
        return doubles.astype(kind.array_type)


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


def one_of(array: Tensor) -> Tensor:
    """An array as the only one in a list."""
    if isinstance(array, Texts):
        return array.reshaped(1, *array.shape)
    return array[np.newaxis]
