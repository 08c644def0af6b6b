"""Arrays from and to TensorProto, as Tensor::FromProto and Tensor::AsProtoField do it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from tensorflow.core.framework import tensor_pb2

from serving.server.json_tensor import Array
from serving.server.signature import DataType
from serving.server.status import Code, StatusError, invalid_argument

LARGEST_BYTES = 2**31 - 1
"""Of a tensor, and of a message (kint32max in model_servers/server.cc). One value in a message can
stand for a tensor of any size, so the size of the message alone limits nothing."""

_FIELDS: dict[DataType, tuple[Any, str]] = {
    DataType.FLOAT: (np.float32, "float_val"),
    DataType.DOUBLE: (np.float64, "double_val"),
    DataType.INT32: (np.int32, "int_val"),
    DataType.UINT8: (np.uint8, "int_val"),
    DataType.INT16: (np.int16, "int_val"),
    DataType.INT8: (np.int8, "int_val"),
    DataType.UINT16: (np.uint16, "int_val"),
    DataType.STRING: (np.object_, "string_val"),
    DataType.COMPLEX64: (np.complex64, "scomplex_val"),
    DataType.COMPLEX128: (np.complex128, "dcomplex_val"),
    DataType.INT64: (np.int64, "int64_val"),
    DataType.BOOL: (np.bool_, "bool_val"),
    DataType.HALF: (np.float16, "half_val"),
    DataType.UINT32: (np.uint32, "uint32_val"),
    DataType.UINT64: (np.uint64, "uint64_val"),
}
_TYPES = {np.dtype(kind): (dtype, field) for dtype, (kind, field) in _FIELDS.items()}


def to_array(proto: tensor_pb2.TensorProto, alias: str) -> Array:
    """Reads a tensor from a message.

    Args:
      proto: with its content in `tensor_content` or in a typed field, which may be shorter than the
        tensor: its last value is then repeated.
      alias: name of the input, for messages.

    Raises:
      StatusError: INVALID_ARGUMENT for a tensor that is not well-formed; RESOURCE_EXHAUSTED for one
        that is too large; UNIMPLEMENTED for types that are not served.
    """
    kind, field = _known(proto.dtype, alias)
    shape = tuple(dimension.size for dimension in proto.tensor_shape.dim)
    size = math.prod(shape)
    if proto.tensor_shape.unknown_rank or min(shape, default=0) < 0 or len(shape) > 254:
        raise invalid_argument(f"tensor parsing error: {alias}")
    if size * np.dtype(kind).itemsize > LARGEST_BYTES:
        raise StatusError(
            Code.RESOURCE_EXHAUSTED, f"Tensor {alias} is larger than {LARGEST_BYTES} bytes"
        )
    if proto.tensor_content and kind is not np.object_:
        if len(proto.tensor_content) != size * np.dtype(kind).itemsize:
            raise invalid_argument(f"tensor parsing error: {alias}")
        return np.frombuffer(proto.tensor_content, kind).reshape(shape)
    values = _values(getattr(proto, field), kind)
    if len(values) > size:
        raise invalid_argument(f"tensor parsing error: {alias}")
    if len(values) == size:
        return values.reshape(shape)
    array = np.full(size, b"" if kind is np.object_ else 0, kind)
    if len(values):
        array[: len(values)] = values
        array[len(values) :] = values[-1]
    return array.reshape(shape)


def _known(number: int, alias: str) -> tuple[Any, str]:
    try:
        return _FIELDS[DataType(number)]
    except (KeyError, ValueError) as error:
        raise StatusError(
            Code.UNIMPLEMENTED, f"Tensor {alias} has a type that is not served: {number}"
        ) from error


def _values(field: Any, kind: Any) -> Array:
    if kind is np.object_:
        values = np.empty(len(field), np.object_)
        values[:] = field
        return values
    if kind is np.float16:
        return np.array(field, np.uint16).view(np.float16)
    if np.issubdtype(kind, np.complexfloating):
        return np.array(field, np.float64).view(np.complex128).astype(kind)
    if np.issubdtype(kind, np.integer) and np.dtype(kind).itemsize < 4:
        return np.array(field, np.int32).astype(kind)
    return np.array(field, kind)


def fill(proto: tensor_pb2.TensorProto, array: Array) -> None:
    """Writes an array into an empty message, its content in the typed field.

    Raises:
      StatusError: UNIMPLEMENTED for a type that is not served.
    """
    if array.dtype not in _TYPES:
        raise StatusError(Code.UNIMPLEMENTED, f"Outputs of type {array.dtype} are not served")
    dtype, field = _TYPES[array.dtype]
    proto.dtype = dtype
    for size in array.shape:
        proto.tensor_shape.dim.add().size = size
    flat = np.ascontiguousarray(array).ravel()
    if dtype is DataType.HALF:
        flat = flat.view(np.uint16)
    elif dtype in (DataType.COMPLEX64, DataType.COMPLEX128):
        flat = flat.view(flat.real.dtype)
    getattr(proto, field).extend(flat.tolist())
