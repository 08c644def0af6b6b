from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from serving.server.json.body import parse_object
from serving.server.json.request import Format, read_inputs
from serving.server.signature import DataType, TensorInfo
from serving.server.status import StatusError
from serving.server.tensors.texts import unpacked

ONE = {"x": TensorInfo("x:0", DataType.FLOAT)}
TEXT = {"s": TensorInfo("s:0", DataType.STRING)}
TWO = {"a": TensorInfo("a:0", DataType.INT32), "b": TensorInfo("b:0", DataType.INT64)}


@pytest.mark.parametrize(
    ("document", "inputs", "form", "expected"),
    [
        ({"instances": [1, 2]}, ONE, Format.ROW, {"x": [1, 2]}),
        ({"instances": [{"x": 1}, {"x": 2}]}, ONE, Format.ROW, {"x": [1, 2]}),
        ({"instances": [{"a": 1, "b": 3}, {"b": 4, "a": 2}]}, TWO, Format.ROW,
         {"a": [1, 2], "b": [3, 4]}),
        ({"instances": [{"b64": "aGk="}, "x"]}, TEXT, Format.ROW, {"s": [b"hi", b"x"]}),
        ({"inputs": 7}, ONE, Format.COLUMN, {"x": 7}),
        ({"inputs": {"x": [[1]]}}, ONE, Format.COLUMN, {"x": [[1]]}),
        ({"inputs": {"b64": "aGk="}}, TEXT, Format.COLUMN, {"s": b"hi"}),
        ({"inputs": {"a": [1], "b": [[2]], "c": 0}}, TWO, Format.COLUMN, {"a": [1], "b": [[2]]}),
    ],
)  # fmt: skip
def test_inputs_are_found_in_both_formats(
    document: dict[str, Any], inputs: Any, form: Format, expected: dict[str, Any]
):
    found, arrays = read_inputs(document, inputs)
    assert found is form
    assert {name: array.tolist() for name, array in arrays.items()} == expected


@pytest.mark.parametrize(
    ("document", "inputs", "text"),
    [
        ({}, ONE, "Missing 'inputs' or 'instances' key"),
        ({"inputs": 1, "instances": [1]}, ONE, "expecting only one of 'inputs' or 'instances'"),
        ({"instances": 1}, ONE, "Expecting 'instances' to be an list/array"),
        ({"instances": []}, ONE, "No values in 'instances' array"),
        ({"instances": [1]}, TWO, "instances is a plain list, but expecting list of objects"),
        ({"instances": [1, {"x": 1}]}, ONE, "Expecting value/list but got object at item 1"),
        ({"instances": [{"x": 1}, 1]}, ONE, "Expecting object but got list at item 1"),
        ({"instances": [{"z": 1}]}, ONE, "JSON object: does not have named input: z"),
        ({"instances": [{"a": 1}]}, TWO, "keys must be equal to: a,b"),
        ({"instances": [[1], [2, 3]]}, ONE,
         "Failed to process element: 1 of 'instances' list. Error: INVALID_ARGUMENT: Expecting"
         " tensor size: 1 but got: 2"),
        ({"instances": [{"a": 1, "b": 2}, {"b": "x", "a": 2}, {"a": 1}]}, TWO,
         "Failed to process element: 1 key: b of 'instances' list."),
        ({"instances": [{"a": 1, "b": 2}, {"a": 1}, {"b": "x", "a": 2}]}, TWO,
         "Failed to process element: 1 of 'instances' list. JSON object: {"),
        ({"instances": [[1], ["x"], {"x": 1}]}, ONE, "Failed to process element: 1 of"),
        ({"instances": [{"a": 1, "b": 2}, {"a": [1], "b": 2}]}, TWO,
         "element: 1 key: a of 'instances' list. Error: INVALID_ARGUMENT: Expecting shape [] but"),
        ({"inputs": [1]}, TWO, "inputs is a plain value/list, but expecting an object"),
        ({"inputs": {"a": 1}}, TWO, "Missing named input: b in 'inputs' object."),
    ],
)  # fmt: skip
def test_a_document_of_the_wrong_form_is_refused(document: dict[str, Any], inputs: Any, text: str):
    with pytest.raises(StatusError) as caught:
        read_inputs(document, inputs)
    assert text in caught.value.message


def test_a_large_batch_is_one_array():
    images = np.random.default_rng(0).random((32, 28, 28))
    _, arrays = read_inputs({"instances": images.tolist()}, ONE)
    np.testing.assert_array_equal(unpacked(arrays["x"]), images.astype(np.float32))


def test_a_member_that_comes_twice_in_a_row_is_refused():
    with pytest.raises(StatusError, match="Element 1 of 'instances' has a member twice"):
        read_inputs(parse_object(b'{"instances": [{"x": 1}, {"x": 1, "x": 2}]}'), ONE)


def test_true_is_seen_among_numbers():
    body = b'{"instances": [[1, 0], [0, true]]}'
    with pytest.raises(StatusError, match="Type: True is not of expected type: uint8"):
        read_inputs(parse_object(body), {"x": TensorInfo("x:0", DataType.UINT8)})
