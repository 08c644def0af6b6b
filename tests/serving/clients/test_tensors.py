from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from serving.clients.grpc_messages import Tensor
from serving.clients.tensors import decode, encode
from tests.serving.clients.dtypes import DTYPES


@given(st.sampled_from(DTYPES).flatmap(lambda d: arrays.arrays(d, arrays.array_shapes(min_side=0))))
def test_arrays_come_back_as_they_were(array):
    back = decode(Tensor.FromString(encode(array).SerializeToString()))
    assert back.dtype == array.dtype
    np.testing.assert_array_equal(back, array)


@given(st.lists(st.binary(max_size=5), max_size=4))
def test_strings_keep_every_byte(values):
    back = decode(encode(np.array([*values, b""], object)[:-1]))
    assert back.tolist() == values


def test_a_type_that_tensorflow_lacks_is_named():
    with pytest.raises(TypeError, match="datetime64"):
        encode(np.array(["2020-01-01"], "datetime64[D]"))
