"""REST's row form, one item for each instance, as the arrays by name that gRPC takes and gives."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from serving.clients.signatures import Input
from serving.clients.tensors import DTYPES

_BASE64 = {"b64"}
# The kinds of numpy's dtypes that REST takes for each kind.
_FITTING = {"b": "b", "f": "iuf"}


class RowError(ValueError):
    """Instances do not fit a signature, or its outputs no instances; the message says which."""


def to_arrays(instances: Sequence[Any], inputs: Sequence[Input]) -> dict[str, NDArray[Any]]:
    """The inputs of a signature for a batch.

    Args:
      instances: of each its value or, with its names as keys, its values; arrays, nested lists,
        and strings as str, bytes or {"b64": …}.
      inputs: of the signature.

    Returns:
      arrays by name, of the signature's types, whose first dimension is the batch.

    Raises:
      RowError: there are none, or one does not fit.
    """
    if not instances:
        raise RowError("There are no instances to ask about.")
    names = {item.name for item in inputs}
    if all(isinstance(each, Mapping) and each.keys() == names for each in instances):
        return {item.name: _array([row[item.name] for row in instances], item) for item in inputs}
    if len(inputs) != 1:
        raise RowError(f"Each instance must be an object with the keys {', '.join(sorted(names))}.")
    return {inputs[0].name: _array(instances, inputs[0])}


def from_arrays(outputs: Mapping[str, NDArray[Any]], count: int) -> list[Any]:
    """The predictions of `count` instances: values, or dicts by name if there are many outputs.

    Args:
      outputs: arrays [count, ...] by name, of any type; strings as bytes objects.
      count: how many were asked about.

    Raises:
      RowError: an output does not have one item for each instance.
    """
    for name, array in outputs.items():
        if array.shape[:1] != (count,):
            raise RowError(
                f"Output {name} has shape {list(array.shape)}, which is not one item for each of"
                f" the {count} instances; choose another signature with --signature."
            )
    columns = {name: [_plain(item) for item in array] for name, array in sorted(outputs.items())}
    if len(columns) == 1:
        return next(iter(columns.values()))
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _array(values: Sequence[Any], item: Input) -> NDArray[Any]:
    dtype = DTYPES.get(item.dtype)
    if dtype is None:
        raise RowError(f"Input {item.name} is {item.dtype}, which cannot be sent from here.")
    try:
        return _strings(values) if dtype.kind == "O" else _numbers(values, dtype)
    except ValueError as error:
        raise RowError(
            f"Instances do not fit input {item.name}, which takes {item.dtype}: {error}."
        ) from error


def _strings(values: Sequence[Any]) -> NDArray[Any]:
    array = np.array(_decoded(values), object)
    for item in array.ravel():
        if not isinstance(item, str | bytes):
            raise ValueError(f"{item!r} is no string, or lists differ in length")
    return array


def _decoded(value: Any) -> Any:
    if isinstance(value, list | np.ndarray):
        return [_decoded(item) for item in value]
    if not isinstance(value, Mapping) or value.keys() != _BASE64:
        return value
    try:
        return base64.b64decode(value["b64"], validate=True)
    except (TypeError, ValueError) as error:
        raise ValueError(f"what b64 holds is no base64 ({error})") from error


def _numbers(values: Sequence[Any], dtype: np.dtype[Any]) -> NDArray[Any]:
    try:
        array = np.array(values)
    except ValueError as error:
        raise ValueError("lists differ in length") from error
    if array.dtype == dtype:
        return array
    if dtype.kind in "iu":
        return _integers(values, dtype)
    if array.dtype.kind not in _FITTING[dtype.kind]:
        raise ValueError("not all values are of that type")
    return array.astype(dtype)


def _integers(values: Sequence[Any], dtype: np.dtype[Any]) -> NDArray[Any]:
    # As objects: numpy makes floats of integers on both sides of 2**63.
    array = np.array(values, object)
    limits = np.iinfo(dtype)
    for item in array.ravel():
        if type(item) is not int or not limits.min <= item <= limits.max:
            raise ValueError(f"{item!r} is none")
    return array.astype(dtype)


def _plain(value: Any) -> Any:
    """What the JSON of REST would give; a float the shortest text that reads back as the same."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if np.ndim(value):
        return [_plain(item) for item in value]
    return float(str(value)) if isinstance(value, np.floating) else value.item()
