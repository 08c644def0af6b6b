"""Tensors from messages, held against TensorFlow's own Tensor::FromProto."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from tensorflow.core.framework import tensor_pb2

from serving.server.messages.tensor_proto import fill, to_array
from serving.server.status import Code, StatusError
from serving.server.tensors.texts import unpacked
from tests.serving.server.messages.protos import proto, protos


def parsed_by_tensorflow(sent: tensor_pb2.TensorProto) -> Any:
    import tensorflow as tf

    try:
        return tf.io.parse_tensor(sent.SerializeToString(), tf.as_dtype(sent.dtype)).numpy()
    except tf.errors.InvalidArgumentError:
        return None


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
