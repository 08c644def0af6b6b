"""Rows of a table as a client sends them: one array whose fields are the inputs of a signature."""

from __future__ import annotations

import base64
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import orjson
import tensorflow as tf
from google.protobuf.message import DecodeError
from numpy.typing import NDArray

from components.serving_check.options import Signature
from models.features.image.png import png
from serving.clients.tensors import DTYPES

_SPECIAL = {"nan": b"NaN", "inf": b"Infinity", "-inf": b"-Infinity"}
"""As TensorFlow Serving reads them (rapidjson's kParseNanAndInfFlag); JSON has no word for them."""


class ExampleError(ValueError):
    """An example does not hold what the options say it does."""


def dtype_of(signature: Signature) -> np.dtype[Any]:
    """A field for each input."""
    return np.dtype([(name, DTYPES[tensor.dtype]) for name, tensor in signature.inputs.items()])


def rows(signature: Signature, examples: Sequence[bytes]) -> NDArray[Any]:
    """The features of serialized tf.Examples, [n]; NaN or an empty text where one is missing.

    Images become PNG files.

    Raises:
      ExampleError: an example lacks an image, or has one of another size.
    """
    dtype = dtype_of(signature)
    found = np.array([_row(dtype, example) for example in examples], dtype)
    for name, shape in signature.images.items():
        for row, pixels in enumerate(found[name]):
            if len(pixels) != math.prod(shape):
                raise ExampleError(
                    f"Feature {name!r} holds {len(pixels)} bytes, which is no image of"
                    f" {list(shape)} as its signature's images have it."
                )
            found[name][row] = png(np.frombuffer(pixels, np.uint8).reshape(shape))
    return found


def is_row(signature: Signature, example: bytes) -> bool:
    """Whether a serialized tf.Example says no more than the columns of a row can."""
    dtype = dtype_of(signature)
    try:
        found = tf.train.Example.FromString(example).features.feature
    except DecodeError:
        return False
    for name in set(dtype.names or ()) & set(found):
        stored = "bytes_list" if dtype[name].kind == "O" else "float_list"
        if found[name].WhichOneof("kind") != stored or len(getattr(found[name], stored).value) > 1:
            return False
    return True


def changed(row: NDArray[Any], name: str, values: Sequence[Any]) -> NDArray[Any]:
    """A row [1] once for each of the values that one of its columns takes in turn."""
    found = np.repeat(row, len(values))
    for place, value in enumerate(values):
        found[name][place] = value
    return found


def _row(dtype: np.dtype[Any], example: bytes) -> tuple[Any, ...]:
    found = tf.train.Example.FromString(example).features.feature
    values = []
    for name in dtype.names or ():
        # Looking an absent feature up would silently create it.
        feature = found[name] if name in found else tf.train.Feature()
        is_text = dtype[name].kind == "O"
        held: Any = feature.bytes_list.value if is_text else feature.float_list.value
        values.append(held[0] if held else b"" if is_text else np.nan)
    return tuple(values)


def tensors(signature: Signature, array: NDArray[Any]) -> dict[str, NDArray[Any]]:
    """The inputs of a request by name."""
    if array.dtype.names is None:
        return {next(iter(signature.inputs)): array}
    return {name: np.ascontiguousarray(array[name]) for name in array.dtype.names}


def together(inputs: dict[str, NDArray[Any]]) -> NDArray[Any]:
    """The rows of several inputs, as `rows` gives them; of one input that itself."""
    if len(inputs) == 1:
        return next(iter(inputs.values()))
    dtype = np.dtype([(name, values.dtype) for name, values in inputs.items()])
    array = np.empty(len(next(iter(inputs.values()))), dtype)
    for name, values in inputs.items():
        array[name] = values
    return array


def instance(row: np.void) -> dict[str, Any]:
    """A row as the REST API takes it: text as text, other bytes as base64 objects."""
    return {name: _plain(row[name]) for name in row.dtype.names or ()}


def fragment(row: np.void) -> bytes:
    """The same as JSON."""
    return orjson.dumps({name: _json(value) for name, value in instance(row).items()})


def written(value: Any) -> bytes:
    """One value as JSON."""
    return orjson.dumps(_json(_plain(value)))


def _plain(value: Any) -> Any:
    if isinstance(value, np.generic):
        return value.item()
    if not isinstance(value, bytes):
        return value
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return {"b64": base64.b64encode(value).decode("ascii")}


def _json(value: Any) -> Any:
    special = _SPECIAL.get(str(value)) if isinstance(value, float) else None
    return orjson.Fragment(special) if special else value
