from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.clients.rows import RowError, from_arrays, to_arrays
from serving.clients.signatures import Input

PIXELS = [Input("images", "DT_UINT8", (-1, 2, 2))]
TWO = [Input("a", "DT_INT32", (-1,)), Input("b", "DT_FLOAT", (-1, 2))]
TEXT = [Input("s", "DT_STRING", (-1,))]


def test_values_of_one_input_need_no_name():
    given_plainly = to_arrays([[[0, 1], [2, 3]]], PIXELS)["images"]
    given_by_name = to_arrays([{"images": [[0, 1], [2, 3]]}], PIXELS)["images"]
    assert given_plainly.dtype == given_by_name.dtype == np.uint8
    assert given_plainly.tolist() == given_by_name.tolist() == [[[0, 1], [2, 3]]]


def test_arrays_go_as_they_are():
    image = np.array([[0, 1], [2, 3]], np.uint8)
    np.testing.assert_array_equal(to_arrays([image, image], PIXELS)["images"], [image, image])


def test_several_inputs_are_told_by_name():
    found = to_arrays([{"a": 1, "b": [1, 2.5]}, {"a": 2, "b": [3, 4]}], TWO)
    assert (found["a"].dtype, found["b"].dtype) == (np.dtype(np.int32), np.dtype(np.float32))
    assert (found["a"].tolist(), found["b"].tolist()) == ([1, 2], [[1, 2.5], [3, 4]])


def test_strings_are_text_bytes_or_base64():
    found = to_arrays(["ä", b"\xff\0", {"b64": "/wA="}], TEXT)["s"]
    assert found.tolist() == ["ä", b"\xff\0", b"\xff\0"]
    nested = to_arrays([["a", "b"], ["c", {"b64": "ZA=="}]], TEXT)["s"]
    assert nested.tolist() == [["a", "b"], ["c", b"d"]]


@given(st.lists(st.integers(0, 2**64 - 1), min_size=1))
def test_every_integer_arrives(values):
    assert to_arrays(values, [Input("x", "DT_UINT64", (-1,))])["x"].tolist() == values


@pytest.mark.parametrize(
    ("instances", "inputs", "message"),
    [
        ([], PIXELS, "no instances"),
        ([{"a": 1}], TWO, "an object with the keys a, b"),
        ([256], [Input("x", "DT_UINT8", (-1,))], "input x, which takes DT_UINT8: 256 is none"),
        ([1.5], [Input("x", "DT_INT32", (-1,))], r"1\.5 is none"),
        ([True], [Input("x", "DT_INT32", (-1,))], "True is none"),
        ([[1, 2], [3]], [Input("x", "DT_FLOAT", None)], "lists differ in length"),
        (["a"], [Input("x", "DT_FLOAT", (-1,))], "not all values are of that type"),
        ([None, 1.0], [Input("x", "DT_FLOAT", (-1,))], "not all values are of that type"),
        ([1], [Input("x", "DT_BOOL", (-1,))], "not all values are of that type"),
        ([1], TEXT, "1 is no string"),
        ([{"b64": "?"}], TEXT, "no base64"),
        ([1], [Input("x", "DT_BFLOAT16", (-1,))], "DT_BFLOAT16, which cannot be sent"),
    ],
)
def test_what_does_not_fit_is_named(instances, inputs, message):
    with pytest.raises(RowError, match=message):
        to_arrays(instances, inputs)


def test_predictions_are_what_rest_gives():
    one = from_arrays({"y": np.array([[0.1, 1e-9], [np.inf, 2]], np.float32)}, 2)
    assert json.dumps(one) == "[[0.1, 1e-09], [Infinity, 2.0]]"
    many = from_arrays({"label": np.array([b"Coat"], object), "n": np.array([7], np.int64)}, 1)
    assert many == [{"label": "Coat", "n": 7}]
    assert from_arrays({"ok": np.array([True])}, 1) == [True]


@pytest.mark.parametrize("output", [np.float32(1), np.zeros(3)])
def test_an_output_that_is_no_batch_has_no_rows(output):
    with pytest.raises(RowError, match="Output y has shape"):
        from_arrays({"y": np.asarray(output)}, 2)
