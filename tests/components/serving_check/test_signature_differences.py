"""What a signature fills in for an input, held against what was declared."""

import pytest
import tensorflow as tf
from google.protobuf import json_format

from components.serving_check.options import Signature
from components.serving_check.signature_differences import default_differences

ROWS = Signature.model_validate(
    {
        "feed": "columns",
        "inputs": {
            "fare": {"dtype": "DT_FLOAT", "shape": [-1]},
            "company": {"dtype": "DT_STRING", "shape": [-1]},
        },
        "outputs": {"probabilities": {"dtype": "DT_FLOAT", "shape": [-1, 2]}},
        "defaults": {"fare": 5.1},
    }
)


def _filled_in(**values):
    return {
        name: json_format.MessageToDict(tf.make_tensor_proto(value, dtype))
        for name, (value, dtype) in values.items()
    }


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"fare": ([5.1], tf.float32)}, []),
        ({}, ["rows fills in nothing for fare instead of 5.1"]),
        ({"fare": ([500.0], tf.float32)}, ["rows fills in [500.0] (DT_FLOAT) for fare instead of"]),
        ({"fare": ([5.1], tf.float64)}, ["rows fills in [5.1] (DT_DOUBLE) for fare instead of"]),
        ({"fare": (5.1, tf.float32)}, ["rows fills in 5.09"]),
        ({"fare": ([5.1, 5.1], tf.float32)}, ["rows fills in [5.09"]),
        (
            {"fare": ([5.1], tf.float32), "company": ([b"Red\xff"], tf.string)},
            ["rows fills in ['Red�'] for company, which requests may not leave out"],
        ),
    ],
)
def test_what_is_filled_in_is_what_was_declared(values, said):
    problems = list(default_differences("rows", ROWS, _filled_in(**values)))
    assert len(problems) == len(said)
    assert all(problem.startswith(text) for problem, text in zip(problems, said, strict=True))


def test_anything_may_be_filled_in_where_nobody_said():
    silent = ROWS.model_copy(update={"defaults": None})
    assert not list(default_differences("rows", silent, _filled_in(fare=([1.0], tf.float32))))


def test_a_default_that_is_no_tensor_is_said():
    [problem] = default_differences("rows", ROWS, {"fare": {"dtype": "DT_FLOAT", "floatVal": "x"}})
    assert problem.startswith("rows fills in None")
