"""Reading answers of REST predict."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from components.serving_check.answers import AnswerError, output_array, read_outputs


@given(
    hnp.arrays(
        np.float32,
        st.tuples(st.integers(1, 4), st.integers(1, 5)),
        elements=st.floats(allow_infinity=False, allow_nan=False, width=32),
    )
)
def test_numbers_come_back_exactly_in_either_form(values):
    bare = json.dumps({"predictions": values.tolist()}).encode()
    named = json.dumps({"predictions": [{"p": row, "label": "x"} for row in values.tolist()]})
    np.testing.assert_array_equal(output_array(bare, "p"), values)
    np.testing.assert_array_equal(output_array(named.encode(), "p"), values)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b'{"outputs": [[1.0]]}',
        b'{"predictions": 7}',
        b'{"predictions": [{"score": 1.0}]}',
        b'{"predictions": [[1.0], [1.0, 2.0]]}',
        b'{"predictions": [["cat"]]}',
    ],
)
def test_anything_else_is_an_error_that_shows_the_answer(body):
    with pytest.raises(AnswerError, match="an answer without numbers for p"):
        output_array(body, "p")


@pytest.mark.parametrize("values", [[1, 2**63 + 1], [2**64 - 1], [0]])
def test_whole_numbers_beyond_int64_come_back_exactly(values):
    body = json.dumps({"outputs": values}).encode()
    found = read_outputs(body, {"print": {"dtype": "DT_UINT64"}})["print"]
    assert found.tolist() == values
    assert found.dtype == np.uint64


@pytest.mark.parametrize("values", [[1.5, 2**63 + 1], [-1, 2**63], [-1], [2**64], [True], ["1"]])
def test_what_is_no_whole_number_is_none(values):
    body = json.dumps({"outputs": values}).encode()
    with pytest.raises(AnswerError, match="print has values that are no DT_UINT64"):
        read_outputs(body, {"print": {"dtype": "DT_UINT64"}})
