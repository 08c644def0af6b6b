"""The wire format, held against the protobuf library."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tensorflow.core.framework import tensor_pb2

from serving.server.tensors import protobuf

LONGS = st.lists(
    st.integers(-(2**63), 2**63 - 1) | st.integers(0, 300) | st.integers(0, 127), max_size=40
)


def test_numbers_of_every_length_are_packed_as_by_the_library():
    edges = [sign * 2**power + off for power in range(63) for off in (-1, 0, 1) for sign in (1, -1)]
    for values in (edges, [0], [127, 1], [128], [-1]):
        packed = protobuf.field(10, *protobuf.pack(np.array(values, np.int64)))
        assert packed == tensor_pb2.TensorProto(int64_val=values).SerializeToString()


@given(LONGS, st.sampled_from([np.int64, np.int32, np.int8, np.uint8, np.uint32, np.bool_]))
def test_numbers_are_read_as_they_were_written(values: list[int], kind: type):
    array = np.array(values, np.int64)
    data = b"".join(protobuf.pack(array))
    found, end = protobuf.unpack(np.frombuffer(data, np.uint8), kind, 1 << 40)
    assert end == len(data)
    np.testing.assert_array_equal(found, array.astype(kind))


@given(LONGS, st.integers(0, 50))
def test_no_more_numbers_are_read_than_are_wanted(values: list[int], most: int):
    data = b"".join(protobuf.pack(np.array(values, np.int64))) + b"rest"
    found, end = protobuf.unpack(np.frombuffer(data, np.uint8), np.int64, min(most, len(values)))
    assert found.tolist() == values[:most]
    assert end == len(b"".join(protobuf.pack(np.array(values[:most], np.int64))))


def test_numbers_beyond_a_window_are_read_too():
    values = np.arange(200_000, dtype=np.int64)
    data = np.frombuffer(b"".join(protobuf.pack(values)), np.uint8)
    assert (protobuf.unpack(data, np.int64, 1 << 40)[0] == values).all()


@pytest.mark.parametrize("data", [b"\x80", b"\x01\xff", b"\x80" * 10 + b"\x01", b"\xff" * 300_000])
def test_a_number_that_does_not_end_is_an_error(data: bytes):
    with pytest.raises(protobuf.WireError):
        protobuf.unpack(np.frombuffer(data, np.uint8), np.int64, 1 << 40)


@pytest.mark.parametrize("data", [b"\x0a\x05abc", b"\x08", b"\x0b", b"\x0d\x01", b"\x00\x00"])
def test_what_is_no_message_is_an_error(data: bytes):
    with pytest.raises(protobuf.WireError):
        list(protobuf.fields(data, 0, len(data)))


def test_fields_are_found():
    data = tensor_pb2.TensorProto(dtype=1, version_number=300, tensor_content=b"ab")
    found = [
        (tag >> 3, data.SerializeToString()[first:last])
        for tag, _, first, last in protobuf.fields(data.SerializeToString(), 0, data.ByteSize())
    ]
    assert found == [(1, b"\x01"), (3, b"\xac\x02"), (4, b"ab")]
