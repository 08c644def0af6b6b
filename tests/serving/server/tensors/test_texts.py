from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tensorflow.core.framework import tensor_pb2

from serving.server.tensors import texts

STRINGS = st.lists(st.binary(max_size=5) | st.binary(min_size=120, max_size=140), max_size=9)


def objects(strings: list[bytes]) -> Any:
    array = np.empty(len(strings), np.object_)
    array[:] = strings
    return array


@given(STRINGS)
def test_strings_come_back(strings: list[bytes]):
    packed = texts.of_strings(strings)
    assert packed.tolist() == strings
    assert len(packed) == len(strings)
    assert [packed[i : i + 2].tolist() for i in range(len(strings))] == [
        strings[i : i + 2] for i in range(len(strings))
    ]


@given(STRINGS)
def test_fields_are_those_of_the_library(strings: list[bytes]):
    written = b"".join(texts.of_strings(strings).fields())
    assert written == tensor_pb2.TensorProto(string_val=strings).SerializeToString()


@given(STRINGS)
def test_an_array_of_fixed_width_is_the_same_or_none(strings: list[bytes]):
    array = texts.of_strings(strings).fixed_width()
    if array is not None:
        assert array.tolist() == strings
    else:
        widest = max(map(len, strings))
        assert any(x.endswith(b"\0") for x in strings) or widest * len(strings) > sum(
            map(len, strings)
        )


@pytest.mark.medium
@given(st.lists(STRINGS, min_size=1, max_size=4))
def test_texts_are_joined(parts: list[list[bytes]]):
    joined = texts.joined([texts.of_strings(part) for part in parts])
    assert joined.tolist() == [string for part in parts for string in part]


def test_rows_of_several_dimensions():
    array = objects([b"a", b"", b"bcd", b"e", b"f", b"g"]).reshape(3, 2)
    packed = texts.packed(array)
    assert packed.shape == (3, 2)
    assert packed[1:].tolist() == array[1:].tolist()
    assert [row.tolist() for row in packed] == array.tolist()
    one = texts.row(packed, 1)
    assert (one.shape, one.tolist()) == ((2,), [b"bcd", b"e"])


def test_only_many_short_strings_are_packed():
    few = objects([b"a"] * 10)
    many = objects([b"a"] * texts.MANY)
    assert not texts.are_many_short({"x": few})
    assert texts.are_many_short({"x": many})
    assert texts.are_many_short({"x": texts.packed(few)})
    assert not texts.are_many_short({"x": objects([b"a" * 1000] * texts.MANY)})
    assert not texts.are_many_short({"x": np.zeros((32, 28, 28))})
