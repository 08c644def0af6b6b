"""TensorProtos that hypothesis draws."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from tensorflow.core.framework import tensor_pb2, types_pb2

FIELDS = {
    types_pb2.DT_FLOAT: "float_val",
    types_pb2.DT_DOUBLE: "double_val",
    types_pb2.DT_INT32: "int_val",
    types_pb2.DT_UINT8: "int_val",
    types_pb2.DT_INT16: "int_val",
    types_pb2.DT_INT8: "int_val",
    types_pb2.DT_UINT16: "int_val",
    types_pb2.DT_STRING: "string_val",
    types_pb2.DT_COMPLEX64: "scomplex_val",
    types_pb2.DT_COMPLEX128: "dcomplex_val",
    types_pb2.DT_INT64: "int64_val",
    types_pb2.DT_BOOL: "bool_val",
    types_pb2.DT_HALF: "half_val",
    types_pb2.DT_UINT32: "uint32_val",
    types_pb2.DT_UINT64: "uint64_val",
}


def proto(dtype: int, shape: tuple[int, ...], **fields: Any) -> tensor_pb2.TensorProto:
    made = tensor_pb2.TensorProto(dtype=dtype, **fields)
    for size in shape:
        made.tensor_shape.dim.add().size = size
    return made


@st.composite
def protos(draw: st.DrawFn) -> tensor_pb2.TensorProto:
    dtype = draw(st.sampled_from(sorted(FIELDS)))
    field = FIELDS[dtype]
    values = {
        "float_val": st.floats(width=32),
        "double_val": st.floats(),
        "scomplex_val": st.floats(width=32),
        "dcomplex_val": st.floats(),
        "string_val": st.binary(max_size=3),
        "bool_val": st.booleans(),
        "uint32_val": st.integers(0, 2**32 - 1),
        "uint64_val": st.integers(0, 2**64 - 1),
        "int64_val": st.integers(-(2**63), 2**63 - 1),
    }.get(field, st.integers(-(2**31), 2**31 - 1))
    shape = tuple(draw(st.lists(st.integers(-1, 3), max_size=3)))
    made = proto(dtype, shape, **{field: draw(st.lists(values, max_size=5))})
    if draw(st.booleans()):
        made.tensor_content = draw(st.binary(max_size=9) | st.binary(min_size=8, max_size=8))
    return made
