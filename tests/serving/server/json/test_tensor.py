from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from serving.server.json import body as json_body
from serving.server.json.dense import one_row
from serving.server.json.tensor import decode, decode_rows
from serving.server.signature import DataType, TensorInfo
from serving.server.status import Code, StatusError
from serving.server.tensors.texts import unpacked
from tests.examples import examples

NUMPY = {
    DataType.FLOAT: np.float32,
    DataType.DOUBLE: np.float64,
    DataType.INT8: np.int8,
    DataType.INT16: np.int16,
    DataType.INT32: np.int32,
    DataType.INT64: np.int64,
    DataType.UINT8: np.uint8,
    DataType.UINT32: np.uint32,
    DataType.UINT64: np.uint64,
    DataType.BOOL: np.bool_,
}
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.text(max_size=3)
    | st.builds(lambda data: {"b64": base64.b64encode(data).decode()}, st.binary(max_size=3)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner),
    max_leaves=8,
)


def message(value: Any, dtype: DataType, code: Code = Code.INVALID_ARGUMENT) -> str:
    with pytest.raises(StatusError) as caught:
        decode(value, dtype)
    assert caught.value.code is code
    return caught.value.message


@pytest.mark.medium
@pytest.mark.parametrize("dtype", NUMPY)
@settings(max_examples=examples(0.5))
@given(data=st.data())
def test_arrays_survive_the_way_through_json(dtype: DataType, data: st.DataObject):
    kind = np.dtype(NUMPY[dtype])
    array = data.draw(npst.arrays(kind, npst.array_shapes(min_dims=0, min_side=0)))
    sent = json.dumps({"value": array.tolist()}).encode()
    value = json_body.parse_object(sent)["value"]
    decoded = unpacked(decode(value, dtype))
    assert decoded.dtype == kind
    np.testing.assert_array_equal(decoded, array if array.size else decoded)


@given(npst.arrays(np.object_, npst.array_shapes(min_dims=0), elements=st.binary(max_size=8)))
def test_bytes_survive_the_way_through_base64(array: np.ndarray):
    def write(value: Any) -> Any:
        if isinstance(value, list):
            return [write(part) for part in value]
        return {"b64": base64.b64encode(value).decode()}

    decoded = decode(write(array.tolist()), DataType.STRING)
    assert decoded.shape == array.shape
    assert decoded.tolist() == array.tolist()


def test_text_becomes_utf8():
    assert decode(["é", "a"], DataType.STRING).tolist() == ["é".encode(), b"a"]


def test_whole_numbers_and_fractions_mix_in_a_float_tensor():
    values = [[1, 0.5], [-2, 1e-3]]
    decoded = unpacked(decode(values, DataType.FLOAT))
    np.testing.assert_array_equal(decoded, np.array(values, np.float32))


@pytest.mark.parametrize("sent", [
    2**24 + 1, 1435774380, 1435774380.0, 1767225600123, 2**53 + 1, 2**63, 2**64 - 1, -(2**63),
    1e39, -1e39, 5e-324, float("inf"),
])  # fmt: skip
def test_numbers_become_the_nearest_float(sent: float):
    with np.errstate(over="ignore"):
        expected = np.float64(sent).astype(np.float32)
    assert decode([[sent]], DataType.FLOAT).tolist() == [[expected]]
    assert decode([sent], DataType.DOUBLE).tolist() == [float(sent)]


@pytest.mark.parametrize("dtype", [DataType.HALF, DataType.UINT16, DataType.COMPLEX64])
def test_lists_without_values_are_of_any_type(dtype: DataType):
    assert decode([[], []], dtype).shape == (2, 0)
    assert message([[], [1]], dtype).startswith("Encountered list at unexpected size")


def test_booleans_are_numbers_of_no_type_even_where_none_is_looked_for():
    assert decode([[1, 0]], DataType.UINT8, booleans=False).tolist() == [[1, 0]]
    assert "Type: True is not of expected type: uint8" in message([[1, True]], DataType.UINT8)


def test_numbers_that_do_not_fit_a_small_integer_are_cut_as_upstream_cuts_them():
    assert decode([300, -1], DataType.UINT8).tolist() == [44, 255]


@pytest.mark.parametrize(
    ("value", "dtype", "text"),
    [
        ("a", DataType.FLOAT, 'JSON Value: "a" Type: String is not of expected type: float'),
        (None, DataType.FLOAT, "JSON Value: null Type: Null is not of expected type: float"),
        ([1, True], DataType.FLOAT, "JSON Value: true Type: True is not of expected type: float"),
        (2.0, DataType.INT32, "JSON Value: 2.0 Type: Number is not of expected type: int32"),
        (2**31, DataType.INT8, "JSON Value: 2147483648 Type: Number is not of expected type: int8"),
        (-1, DataType.UINT64, "JSON Value: -1 Type: Number is not of expected type: uint64"),
        (1, DataType.BOOL, "JSON Value: 1 Type: Number is not of expected type: bool"),
        (1, DataType.STRING, "JSON Value: 1 Type: Number is not of expected type: string"),
        ({"b64": ""}, DataType.FLOAT,
         'JSON Value: {\n    "b64": ""\n} Type: Object is not of expected type: float'),
        ({"b64": 1}, DataType.STRING,
         'JSON Value: {\n    "b64": 1\n} not formatted correctly for base64 data'),
        ({"b64": "!"}, DataType.STRING, "Unable to base64 decode"),
        ([[1, 2], [3]], DataType.FLOAT,
         "Encountered list at unexpected size: 1 at level: 1 expected size: 2"),
        ([1, [2]], DataType.FLOAT, "Encountered list at unexpected level: 1 expected < 1"),
        ([[1], 2], DataType.FLOAT,
         "JSON Value: 2 found at incorrect level: 2 in the JSON DOM. Expected at level: 2"),
        ([[], [[]] * 2], DataType.FLOAT,
         "Encountered list at unexpected size: 2 at level: 1 expected size: 0"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_in_upstreams_words(value: Any, dtype: DataType, text: str):
    assert message(value, dtype) == text


def test_types_that_json_cannot_carry_are_unimplemented():
    text = message([1], DataType.HALF, Code.UNIMPLEMENTED)
    assert text == "Conversion of JSON Value: 1 to type: half"


def test_an_error_names_the_element_of_the_rows():
    with pytest.raises(StatusError) as caught:
        decode_rows([[1], ["a"]], DataType.FLOAT, "x")
    assert caught.value.message == (
        "Failed to process element: 1 key: x of 'instances' list. Error: INVALID_ARGUMENT:"
        ' JSON Value: "a" Type: String is not of expected type: float'
    )


@pytest.mark.parametrize(
    ("rows", "text"),
    [
        ([[1, 2], [3]], "Expecting tensor size: 2 but got: 1"),
        ([[[1, 2]], [[3], [4]]], "Expecting shape [1,2] but got: [2,1]"),
    ],
)
def test_rows_of_different_shapes_are_refused(rows: list[Any], text: str):
    with pytest.raises(StatusError, match="Failed to process element: 1") as caught:
        decode_rows(rows, DataType.FLOAT)
    assert caught.value.message.endswith(text)


# Of one block of values, of two and of four.
@pytest.mark.medium
@pytest.mark.parametrize(("size", "bad"), [(50_000, 0.0), (100_000, 0.5), (200_000, 1.0)])
def test_an_error_is_found_where_it_is_however_long_the_list(size: int, bad: float):
    index = int(bad * (size - 1))
    rows: list[Any] = [[1]] * size
    rows[index] = [None]
    with pytest.raises(StatusError) as caught:
        decode_rows(rows, DataType.FLOAT)
    assert f"Failed to process element: {index} of" in caught.value.message
    text = message([[row] for row in rows], DataType.FLOAT)
    assert text == "JSON Value: null Type: Null is not of expected type: float"


def test_nesting_beyond_numpys_ranks_is_refused():
    value: Any = 1.0
    for _ in range(900):
        value = [value]
    assert "deeper than 32 levels" in message(value, DataType.FLOAT)


@pytest.mark.medium
@given(VALUES, st.sampled_from(DataType))
def test_no_value_breaks_the_decoder(value: Any, dtype: DataType):
    assert code_of(decode, value, dtype) in CLEAN


@pytest.mark.medium
@given(st.lists(VALUES, min_size=1, max_size=4), st.sampled_from(DataType))
def test_no_rows_break_the_decoder(rows: list[Any], dtype: DataType):
    assert code_of(decode_rows, rows, dtype) in CLEAN


CLEAN = (Code.OK, Code.INVALID_ARGUMENT, Code.UNIMPLEMENTED)


def code_of(call: Callable[..., Any], *arguments: Any) -> Code:
    try:
        call(*arguments)
    except StatusError as error:
        return error.code
    return Code.OK


_SCALARS = st.one_of(
    st.floats(), st.integers(-(2**70), 2**70), st.text(max_size=3), st.booleans(), st.none()
)


@pytest.mark.medium
@given(
    st.one_of(st.lists(st.floats(), min_size=1), st.lists(st.text(), min_size=1))
    | st.lists(_SCALARS, min_size=1),
    st.sampled_from([DataType.FLOAT, DataType.STRING, DataType.INT64]),
)
def test_few_rows_are_read_as_a_list_of_them_is(values: list[Any], dtype: DataType):
    try:
        wanted = decode(values, dtype)
    except StatusError:
        with pytest.raises(StatusError):
            decode_rows(values, dtype)
        return
    found = decode_rows(values, dtype)
    assert unpacked(found).dtype == unpacked(wanted).dtype
    np.testing.assert_array_equal(unpacked(found), unpacked(wanted))


@pytest.mark.medium
@given(
    st.lists(
        st.tuples(VALUES, st.sampled_from((DataType.FLOAT, DataType.STRING, DataType.INT64))),
        min_size=1, max_size=5,
    )
)  # fmt: skip
def test_a_row_of_a_table_is_read_as_its_columns_are(columns: list[tuple[Any, DataType]]):
    inputs = {f"x{i}": TensorInfo(f"x{i}:0", dtype) for i, (_, dtype) in enumerate(columns)}
    row = dict(zip(inputs, (value for value, _ in columns), strict=True))
    read = one_row(row, inputs)
    if read is None:
        return
    for name, info in inputs.items():
        expected = unpacked(decode_rows([row[name]], info.dtype))
        assert read[name].dtype == expected.dtype
        np.testing.assert_array_equal(unpacked(read[name]), expected)


def test_a_row_of_decimals_and_texts_is_read_at_once():
    inputs = {
        "text": TensorInfo("t:0", DataType.STRING),
        "whole": TensorInfo("w:0", DataType.FLOAT),
        "missing": TensorInfo("m:0", DataType.FLOAT),
    }
    read = one_row({"missing": float("nan"), "whole": 12, "text": "né"}, inputs)
    assert read is not None
    missing = unpacked(read.pop("missing"))
    assert np.isnan(missing).tolist() == [True]
    assert {name: array.tolist() for name, array in read.items()} == {
        "text": ["né".encode()],
        "whole": [12.0],
    }
    assert one_row({"missing": 1e39, "whole": 12, "text": "a"}, inputs) is None
    assert one_row({"missing": True, "whole": 12, "text": "a"}, inputs) is None
