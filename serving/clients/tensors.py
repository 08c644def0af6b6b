"""Arrays as TensorProtos and back, without TensorFlow."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from serving.clients.grpc_messages import Tensor
from serving.clients.rest_client import ServingError
from serving.server.signature import DataType

# The field of TensorProto that holds the values of each type.
_TYPES: dict[int, tuple[np.dtype[Any], str]] = {
    DataType.FLOAT: (np.dtype(np.float32), "float_val"),
    DataType.DOUBLE: (np.dtype(np.float64), "double_val"),
    DataType.INT32: (np.dtype(np.int32), "int_val"),
    DataType.UINT8: (np.dtype(np.uint8), "int_val"),
    DataType.INT16: (np.dtype(np.int16), "int_val"),
    DataType.INT8: (np.dtype(np.int8), "int_val"),
    DataType.STRING: (np.dtype(object), "string_val"),
    DataType.INT64: (np.dtype(np.int64), "int64_val"),
    DataType.BOOL: (np.dtype(np.bool_), "bool_val"),
    DataType.UINT16: (np.dtype(np.uint16), "int_val"),
    DataType.HALF: (np.dtype(np.float16), "half_val"),
    DataType.UINT32: (np.dtype(np.uint32), "uint32_val"),
    DataType.UINT64: (np.dtype(np.uint64), "uint64_val"),
}
_NUMBERS = {dtype: number for number, (dtype, _) in _TYPES.items()}

DTYPES = {f"DT_{DataType(number).name}": dtype for number, (dtype, _) in _TYPES.items()}
"""By TensorFlow's name; strings are objects."""


def encode(value: ArrayLike) -> Any:
    """An array as a TensorProto.

    Raises:
      TypeError: TensorFlow has no such type.
    """
    array = np.asarray(value)
    if array.dtype.kind in "SUO":
        # numpy's own fixed-width strings drop trailing zero bytes.
        array = np.asarray(value, object)
    if array.dtype not in _NUMBERS:
        raise TypeError(f"An array of {array.dtype} cannot be sent to a model server.")
    tensor = Tensor(dtype=_NUMBERS[array.dtype])
    for size in array.shape:
        tensor.tensor_shape.dim.add(size=size)
    if array.dtype == object:
        tensor.string_val.extend(
            item.encode() if isinstance(item, str) else item for item in array.ravel()
        )
    else:
        tensor.tensor_content = array.astype(array.dtype.newbyteorder("<")).tobytes()
    return tensor


def decode(tensor: Any) -> NDArray[Any]:
    """The array of a TensorProto, of its shape and type, whichever way its values were written.

    Strings are bytes objects in an array of objects.

    Raises:
      ServingError: it is of a type that has no array.
    """
    if tensor.dtype not in _TYPES:
        raise ServingError(500, f"an output of DataType {tensor.dtype}, which is not supported")
    dtype, field = _TYPES[tensor.dtype]
    shape = [dim.size for dim in tensor.tensor_shape.dim]
    if tensor.tensor_content:
        return np.frombuffer(tensor.tensor_content, dtype.newbyteorder("<")).reshape(shape)
    values = getattr(tensor, field)
    if dtype == np.float16:
        array = np.array(values, np.uint16).view(np.float16)
    else:
        array = np.empty(len(values), dtype)
        array[:] = values
    # TensorFlow lets the last value stand for all that follow (framework/tensor.proto).
    missing = int(np.prod(shape)) - len(array)
    if missing and len(array):
        array = np.concatenate([array, np.repeat(array[-1:], missing)])
    return array.reshape(shape)
