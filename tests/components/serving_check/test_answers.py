"""Reading answers of REST predict."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from components.serving_check.answers import AnswerError, output_array


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
