"""Arrays from and to TensorProto, as Tensor::FromProto and Tensor::AsProtoField do it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from tensorflow.core.framework import tensor_pb2

from serving.server.json.tensor import MAX_RANK
from serving.server.signature import DataType
from serving.server.status import Code, StatusError, invalid_argument
from serving.server.tensors import arrays, message_cost, protobuf, texts
from serving.server.tensors.large_tensor import NUMBERS, WireTensor
from serving.server.tensors.texts import Array, Tensor, Texts

LARGEST_BYTES = 2**31 - 1
"""Of a tensor, and of a message (kint32max in model_servers/server.cc). One value in a message can
stand for a tensor of any size, so the size of the message alone limits nothing."""

_MAX_RANK = 254
_LARGEST_SIZE = 2**63 - 1
"""TensorFlow's own limits (core/framework/tensor_shape.cc)."""
_STRING_BYTES = 32
_LONGEST_LENGTH = 5
"""Bytes of the length of a string in `tensor_content`, a varint of 32 bits."""
_LARGE = 1 << 15
"""Arrays of more values are written without the library, for which each would be an object."""
_BLOCK = 1 << 15
"""Values that are in a list of Python at a time."""

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


def to_array(
    proto: tensor_pb2.TensorProto | WireTensor, alias: str, largest_fill: int = LARGEST_BYTES
) -> Tensor:
    """Reads a tensor from a message.

    Args:
      proto: with its content in `tensor_content` or in a typed field, which may be shorter than the
        tensor: its last value is then repeated; or longer, and its last values are passed over.
      alias: name of the input, for messages.
      largest_fill: of how many bytes a tensor may be that is filled by repeating a value.

    Raises:
      StatusError: INVALID_ARGUMENT for a tensor that is not well-formed; RESOURCE_EXHAUSTED for one
        that is too large; UNIMPLEMENTED for types that are not served.
    """
    kind, field = _known(proto.dtype, alias)
    shape = _shape(proto, alias)
    size = math.prod(shape)
    if size * np.dtype(kind).itemsize > LARGEST_BYTES:
        raise StatusError(
            Code.RESOURCE_EXHAUSTED, f"Tensor {alias} is larger than {LARGEST_BYTES} bytes"
        )
    if not size:
        return np.empty(shape, kind)
    if proto.tensor_content:
        array = _content(proto.tensor_content, kind, size)
        if array is None:
            raise _malformed(alias)
        return array.reshaped(*shape) if isinstance(array, Texts) else array.reshape(shape)
    if isinstance(proto, WireTensor):
        try:
            values = proto.values(field, kind, size)
        except protobuf.WireError as error:
            raise _malformed(alias) from error
        if isinstance(values, Texts):
            return _filled_texts(values, size, largest_fill, alias).reshaped(*shape)
    else:
        values = _values(getattr(proto, field), kind, size)
    if len(values) < size:
        last = values[-1] if len(values) else np.zeros(1, kind)[0]
        _check_fill(size, last, largest_fill, alias)
        array = arrays.empty(size, kind)
        array[: len(values)] = values
        array[len(values) :] = b"" if last == 0 and kind is np.object_ else last
        values = array
    return values.reshape(shape)


def fed_bytes(proto: WireTensor) -> int:
    """How many bytes TensorFlow takes for a tensor, if it is well-formed."""
    count: int = max(0, math.prod(dimension.size for dimension in proto.tensor_shape.dim))
    if proto.dtype == DataType.STRING:
        return message_cost.STRING_BYTES * count + int(proto.text_bytes)
    kind, _ = _FIELDS.get(DataType(proto.dtype), (np.uint8, ""))
    return count * int(np.dtype(kind).itemsize)


def _shape(proto: tensor_pb2.TensorProto | WireTensor, alias: str) -> tuple[int, ...]:
    shape = tuple(dimension.size for dimension in proto.tensor_shape.dim)
    counted = math.prod(size for size in shape if size)
    if min(shape, default=0) < 0 or len(shape) > _MAX_RANK or counted > _LARGEST_SIZE:
        raise _malformed(alias)
    if len(shape) > MAX_RANK:
        raise invalid_argument(
            f"Tensor {alias} has {len(shape)} dimensions, and this server takes up to {MAX_RANK}"
        )
    return shape


def _filled_texts(values: Texts, size: int, largest_fill: int, alias: str) -> Texts:
    """As many texts as there should be: the last are passed over, or the last one is repeated."""
    if len(values) >= size:
        return values if len(values) == size else values.block(0, size)
    last = values.block(len(values) - 1, len(values)).data
    _check_fill(size, last, largest_fill, alias)
    count = size - len(values)
    ends = np.arange(1, count + 1, dtype=np.uint32) * np.uint32(len(last))
    return texts.joined([values, Texts((count,), ends, last * count)])


def _malformed(alias: str) -> StatusError:
    return invalid_argument(f"tensor parsing error: {alias}")


def _check_fill(size: int, last: Any, largest: int, alias: str) -> None:
    """Whether repeating a value makes no more of a small message than is bearable."""
    # A string takes the room of its text and of what TensorFlow keeps beside it.
    width = len(last) + _STRING_BYTES if isinstance(last, bytes) else np.dtype(type(last)).itemsize
    if size * width > largest:
        raise StatusError(
            Code.RESOURCE_EXHAUSTED,
            f"Tensor {alias} would take {size * width} bytes, most of them one value again and"
            f" again; up to {largest} bytes may be left out, so send all its values",
        )


def _known(number: int, alias: str) -> tuple[Any, str]:
    dtype = DataType(number)
    if dtype is DataType.INVALID:
        raise _malformed(alias)
    if dtype not in _FIELDS:
        raise StatusError(
            Code.UNIMPLEMENTED, f"Tensor {alias} has the type {dtype.text}, which is not served"
        )
    return _FIELDS[dtype]


def _content(content: bytes | bytearray | memoryview, kind: Any, size: int) -> Tensor | None:
    """The values in `tensor_content`; None when they are not as many as they should be."""
    if kind is np.object_:
        return _string_content(content, size)
    if len(content) != size * np.dtype(kind).itemsize:
        return None
    if kind is np.bool_ and np.frombuffer(content, np.uint8).max() > 1:
        return None
    return arrays.aligned(np.frombuffer(content, kind))


def _string_content(content: bytes | bytearray | memoryview, size: int) -> Texts | None:
    """Strings after all their lengths, which are varints (DecodeStringList in tsl/coding.cc)."""
    try:
        lengths, end = protobuf.unpack(
            np.frombuffer(content, np.uint8), np.uint64, size, _LONGEST_LENGTH
        )
    except protobuf.WireError:
        return None
    ends = np.cumsum(lengths)
    if len(lengths) < size or end + int(ends[-1]) != len(content):
        return None
    return Texts((size,), ends.astype(np.uint32), bytes(content[end:]))


def _values(field: Any, kind: Any, size: int) -> Array:
    """The values in a typed field, no more than `size`."""
    if np.issubdtype(kind, np.complexfloating):
        count = min(2 * size, len(field) // 2 * 2)
        return np.fromiter(field, np.float64, count).view(np.complex128).astype(kind)
    count = min(size, len(field))
    if kind is np.object_:
        values = np.empty(count, np.object_)
        for start in range(0, count, _BLOCK):
            stop = min(start + _BLOCK, count)
            values[start:stop] = field[start:stop]
        return values
    if kind is np.float16:
        return np.fromiter(field, np.int32, count).astype(np.uint16).view(np.float16)
    if np.issubdtype(kind, np.integer) and np.dtype(kind).itemsize < 4:
        return np.fromiter(field, np.int32, count).astype(kind)
    return np.fromiter(field, kind, count)


def is_large(array: Tensor) -> bool:
    """Whether an array is better written with `parts` than with `fill`."""
    return isinstance(array, Texts) or array.size > _LARGE


def fill(proto: tensor_pb2.TensorProto, array: Array) -> None:
    """Writes an array into an empty message, its content in the typed field.

    Raises:
      StatusError: UNIMPLEMENTED for a type that is not served.
    """
    dtype, field = _written(array)
    proto.dtype = dtype
    for size in array.shape:
        proto.tensor_shape.dim.add().size = size
    getattr(proto, field).extend(_plain(array, dtype).tolist())


def parts(array: Tensor) -> Iterator[protobuf.Part]:
    """Yields the parts of the serialized message that `fill` would make, which take little room.

    Raises:
      StatusError: UNIMPLEMENTED for a type that is not served.
    """
    dtype, field = _written(array)
    yield head(dtype, array.shape)
    number = NUMBERS[field]
    if dtype is DataType.STRING:
        yield from texts.packed(array).fields()
        return
    assert isinstance(array, np.ndarray)
    flat = _plain(array, dtype)
    if not flat.size:
        return
    if flat.dtype.kind == "f":
        yield from protobuf.parts(number, [flat.view(np.uint8).data])
    else:
        yield from protobuf.parts(number, protobuf.pack(flat))


def content_parts(array: Tensor) -> Iterator[protobuf.Part]:
    """Yields the parts of the serialized message with the values in `tensor_content`, as
    Tensor::AsProtoTensorContent writes it.

    Raises:
      StatusError: UNIMPLEMENTED for a type that is not served.
    """
    dtype, _ = _written(array)
    yield head(dtype, array.shape)
    if not math.prod(array.shape):
        return
    if dtype is DataType.STRING:
        yield from protobuf.parts(NUMBERS["tensor_content"], texts.packed(array).content())
    else:
        flat = np.ascontiguousarray(array).reshape(-1)
        yield from protobuf.parts(NUMBERS["tensor_content"], [flat.view(np.uint8).data])


def head(dtype: DataType, shape: Sequence[int]) -> bytes:
    """The beginning of a serialized message: its type and shape."""
    proto = tensor_pb2.TensorProto(dtype=dtype)
    for size in shape:
        proto.tensor_shape.dim.add().size = size
    written: bytes = proto.SerializeToString()
    return written


def _written(array: Tensor) -> tuple[DataType, str]:
    if array.dtype not in _TYPES:
        raise StatusError(Code.UNIMPLEMENTED, f"Outputs of type {array.dtype} are not served")
    return _TYPES[array.dtype]


def _plain(array: Array, dtype: DataType) -> Array:
    """The values in a row, as the typed field has them."""
    flat = np.ascontiguousarray(array).ravel()
    if dtype is DataType.HALF:
        return flat.view(np.uint16)
    if dtype in (DataType.COMPLEX64, DataType.COMPLEX128):
        return flat.view(flat.real.dtype)
    return flat
