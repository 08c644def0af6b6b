from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis.extra import numpy as npst

from serving.server.json.answer import write_outputs, write_results
from serving.server.json.request import Format
from serving.server.status import StatusError


def test_a_single_output_is_not_named():
    outputs = {"y": np.array([[0.1, 1]], np.float32)}
    assert b"".join(write_outputs(outputs, Format.ROW)) == b'{"predictions":[[0.1,1.0]]}'
    assert b"".join(write_outputs(outputs, Format.COLUMN)) == b'{"outputs":[[0.1,1.0]]}'


def test_several_outputs_are_named_per_row_or_per_column():
    outputs = {"a": np.array([1, 2]), "b": np.array([[0.5], [2]], np.float32)}
    assert json.loads(b"".join(write_outputs(outputs, Format.ROW))) == {
        "predictions": [{"a": 1, "b": [0.5]}, {"a": 2, "b": [2.0]}]
    }
    assert json.loads(b"".join(write_outputs(outputs, Format.COLUMN))) == {
        "outputs": {"a": [1, 2], "b": [[0.5], [2.0]]}
    }


def test_strings_are_text_unless_the_name_says_bytes():
    strings = np.array([b"h\xc3\xa9", b'"'], np.object_)
    written = b"".join(write_outputs({"s": strings, "s_bytes": strings}, Format.COLUMN))
    assert json.loads(written) == {
        "outputs": {"s": ["hé", '"'], "s_bytes": [{"b64": "aMOp"}, {"b64": "Ig=="}]}
    }
    # As upstream: what is not UTF-8 goes out as it is.
    raw = write_outputs({"s": np.array([b"\xff"], np.object_)}, Format.ROW)
    assert b"".join(raw) == b'{"predictions":["\xff"]}'


def test_nan_and_infinity_are_bare_words():
    values = np.array([[math.nan, math.inf], [-math.inf, 0.1]], np.float32)
    assert b"".join(write_outputs({"y": values}, Format.ROW)) == (
        b'{"predictions":[[NaN,Infinity],[-Infinity,0.1]]}'
    )
    rows = {"cube": values.reshape(2, 1, 2), "flat": values[:, 0], "one": values[:, :1]}
    assert b"".join(write_outputs(rows, Format.ROW)) == (
        b'{"predictions":[{"cube":[[NaN,Infinity]],"flat":NaN,"one":[NaN]},'
        b'{"cube":[[-Infinity,0.1]],"flat":-Infinity,"one":[-Infinity]}]}'
    )
    assert b"".join(write_outputs({"y": np.array(-math.inf)}, Format.COLUMN)) == (
        b'{"outputs":-Infinity}'
    )
    results = [[("null", math.nan), ("b", 0.1)], [("a", math.inf), ("b", -math.inf)]]
    assert b"".join(write_results(results)) == (
        b'{"results":[[["null",NaN],["b",0.1]],[["a",Infinity],["b",-Infinity]]]}'
    )


@given(npst.arrays(np.float32, npst.array_shapes(min_side=0)))
def test_floats_read_back_as_the_same_numbers(array: np.ndarray):
    answer = json.loads(b"".join(write_outputs({"y": array}, Format.COLUMN)))["outputs"]
    np.testing.assert_array_equal(np.array(answer, np.float32).reshape(array.shape), array)


@pytest.mark.parametrize(
    ("outputs", "text"),
    [
        ({"y": np.float32(1)}, "Tensor name: y has no shape information "),
        ({"a": np.zeros(2), "b": np.zeros(3)},
         "Tensor name: b has inconsistent batch size: 3 expecting: 2"),
        ({"y": np.zeros(1, np.float16)}, "Failed to write JSON value for tensor type: half"),
        ({"y": np.zeros(1, np.complex64)},
         "Failed to write JSON value for tensor type: complex64"),
    ],
)  # fmt: skip
def test_outputs_that_rows_cannot_hold_are_refused(outputs: dict[str, np.ndarray], text: str):
    with pytest.raises(StatusError) as caught:
        write_outputs(outputs, Format.ROW)
    assert caught.value.message == text


def test_outputs_without_values_are_of_any_type():
    empty: dict[str, np.ndarray] = {
        "y": np.zeros((2, 0), np.float16),
        "z": np.zeros((2, 0, 3), np.complex64),
    }
    assert b"".join(write_outputs(empty, Format.COLUMN)) == b'{"outputs":{"y":[[],[]],"z":[[],[]]}}'
    assert b"".join(write_outputs({"y": np.zeros(0, np.float16)}, Format.ROW)) == (
        b'{"predictions":[]}'
    )
