"""Tensors from messages, held against TensorFlow's own Tensor::FromProto."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tensorflow.core.framework import tensor_pb2, types_pb2

from serving.server.status import Code, StatusError
from serving.server.tensor_proto import fill, to_array
from serving.server.texts import unpacked

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


def parsed_by_tensorflow(sent: tensor_pb2.TensorProto) -> Any:
    import tensorflow as tf

    try:
        return tf.io.parse_tensor(sent.SerializeToString(), tf.as_dtype(sent.dtype)).numpy()
    except tf.errors.InvalidArgumentError:
        return None


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


@settings(deadline=None)
@given(protos())
def test_a_tensor_is_what_tensorflow_makes_of_it(sent: tensor_pb2.TensorProto):
    expected = parsed_by_tensorflow(sent)
    if expected is None:
        with pytest.raises(StatusError, match="tensor parsing error: x"):
            to_array(sent, "x")
        return
    found = to_array(sent, "x")
    if found.dtype == np.object_:
        expected = np.asarray(expected, np.object_)
    assert (found.shape, found.dtype) == (expected.shape, expected.dtype)
    np.testing.assert_array_equal(unpacked(found), expected)


@given(protos())
def test_what_was_read_is_written_so_that_it_reads_the_same(sent: tensor_pb2.TensorProto):
    try:
        array = unpacked(to_array(sent, "x"))
    except StatusError:
        return
    written = tensor_pb2.TensorProto()
    fill(written, array)
    again = unpacked(to_array(written, "x"))
    assert (again.shape, again.dtype) == (array.shape, array.dtype)
    np.testing.assert_array_equal(again, array)


@pytest.mark.parametrize(
    ("sent", "code", "text"),
    [
        (proto(1, (2**40, 2**40)), Code.INVALID_ARGUMENT, "tensor parsing error: x"),
        (proto(1, (0, 2**40, 2**40)), Code.INVALID_ARGUMENT, "tensor parsing error: x"),
        (proto(1, (1,) * 255), Code.INVALID_ARGUMENT, "tensor parsing error: x"),
        (proto(1, (1,) * 33), Code.INVALID_ARGUMENT, "has 33 dimensions"),
        (proto(1, (2**40,)), Code.RESOURCE_EXHAUSTED, "is larger than 2147483647 bytes"),
        (proto(1, (1000,), float_val=[1]), Code.RESOURCE_EXHAUSTED, "would take 4000 bytes"),
        (proto(7, (90,), string_val=[b"x"]), Code.RESOURCE_EXHAUSTED, "would take 2970 bytes"),
        (proto(14, (1,)), Code.UNIMPLEMENTED, "has the type bfloat16, which is not served"),
        (proto(11, (1,)), Code.UNIMPLEMENTED, "has the type qint8"),
        (proto(20, ()), Code.UNIMPLEMENTED, "has the type resource"),
        (proto(0, ()), Code.INVALID_ARGUMENT, "tensor parsing error: x"),
        (proto(99, ()), Code.INVALID_ARGUMENT, "tensor parsing error: x"),
    ],
)
def test_what_is_no_tensor_or_too_large_is_refused(
    sent: tensor_pb2.TensorProto, code: Code, text: str
):
    with pytest.raises(StatusError) as caught:
        to_array(sent, "x", largest_fill=1000)
    assert caught.value.code is code
    assert text in caught.value.message


def test_a_small_tensor_may_leave_out_what_repeats():
    assert to_array(proto(1, (2, 3), float_val=[1, 2]), "x", 100).tolist() == [[1, 2, 2], [2, 2, 2]]
    assert to_array(proto(7, (2,)), "x", 100).tolist() == [b"", b""]
