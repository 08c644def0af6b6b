"""A signature and what it fills in, held against what was declared."""

import copy
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from google.protobuf import json_format

from components.serving_check.options import Signature
from components.serving_check.signature_differences import default_differences, differences

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
        (
            {"fare": ([np.float32(5.1)], tf.float64)},
            ["rows fills in [5.0999"],
        ),
        ({"fare": (5.1, tf.float32)}, ["rows fills in 5.09"]),
        ({"fare": ([5.1, 5.1], tf.float32)}, ["rows fills in [5.09"]),
        (
            {"fare": ([5.1], tf.float32), "company": ([b"Red\xff"], tf.string)},
            ["rows fills in ['Red�'] for company, which requests may not leave out"],
        ),
        (
            {"company": ([b"Red"], tf.string), "fare": ([4.0], tf.float32)},
            [
                "rows fills in ['Red'] for company, which requests may not leave out",
                "rows fills in [4.0] (DT_FLOAT) for fare instead of [5.",
            ],
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


def _info(dtype: str, *sizes: int) -> dict[str, Any]:
    return {"dtype": dtype, "tensor_shape": {"dim": [{"size": str(size)} for size in sizes]}}


FOUND: dict[str, Any] = {
    "method_name": "tensorflow/serving/predict",
    "inputs": {"fare": _info("DT_FLOAT", -1), "company": _info("DT_STRING", -1)},
    "outputs": {"probabilities": _info("DT_FLOAT", -1, 2)},
}


def _differences(side: str, expected: Signature = ROWS, **tensors: Any) -> list[str]:
    """Of a signature that has these tensors instead; None takes one away."""
    found = copy.deepcopy(FOUND)
    found[side].update(tensors)
    found[side] = {name: tensor for name, tensor in found[side].items() if tensor is not None}
    return list(differences("rows", expected, found))


def test_a_signature_that_is_as_declared_has_no_difference():
    assert not _differences("inputs")
    assert not _differences("outputs", probabilities=_info("DT_FLOAT", -1, -1))
    anything = {"dtype": "DT_FLOAT", "tensor_shape": {"unknown_rank": True}}
    assert not _differences("outputs", probabilities=anything)


def test_a_signature_that_is_not_there_or_of_another_method_is_said():
    assert list(differences("rows", ROWS, None)) == ["no signature rows"]
    told = "rows has the method 'm' instead of tensorflow/serving/predict"
    assert list(differences("rows", ROWS, {**FOUND, "method_name": "m"})) == [told]


@pytest.mark.parametrize(
    ("side", "tensors", "said"),
    [
        ("inputs", {"fare": None}, "has no input fare"),
        ("inputs", {"tip": _info("DT_FLOAT", -1)}, "has an input too many, tip"),
        ("inputs", {"fare": _info("DT_INT64", -1)}, "input fare is DT_INT64 instead of DT_FLOAT"),
        (
            "inputs",
            {"fare": {**_info("DT_FLOAT", -1), "coo_sparse": {}}},
            "input fare is no dense tensor",
        ),
        ("inputs", {"fare": _info("DT_FLOAT", 1)}, "input fare has shape [1] instead of [-1]"),
        ("inputs", {"fare": _info("DT_FLOAT")}, "input fare has shape [] instead of [-1]"),
        (
            "inputs",
            {"fare": _info("DT_FLOAT", -1, 1)},
            "input fare has shape [-1, 1] instead of [-1]",
        ),
        ("outputs", {"probabilities": None}, "has no output probabilities"),
        ("outputs", {"label": _info("DT_STRING", -1)}, "has an output too many, label"),
        (
            "outputs",
            {"probabilities": _info("DT_FLOAT", -1, 3)},
            "output probabilities has shape [-1, 3] instead of [-1, 2]",
        ),
        (
            "outputs",
            {"probabilities": _info("DT_FLOAT", 2, 2)},
            "output probabilities has shape [2, 2] instead of [-1, 2]",
        ),
        (
            "outputs",
            {"probabilities": _info("DT_FLOAT", -1, 0)},
            "output probabilities has shape [-1, 0] instead of [-1, 2]",
        ),
    ],
)
def test_what_breaks_clients_is_said(side: str, tensors: dict[str, Any], said: str):
    assert _differences(side, **tensors) == [f"rows {said}"]


def test_clients_of_several_outputs_take_no_notice_of_one_more():
    several = ROWS.model_copy(update={"outputs": {**ROWS.outputs, "score": ROWS.inputs["fare"]}})
    score = _info("DT_FLOAT", -1)
    assert not _differences("outputs", several, score=score)
    assert not _differences("outputs", several, score=score, label=_info("DT_STRING", -1))


def test_a_batch_of_a_declared_size_may_be_of_that_size():
    fixed = ROWS.model_copy(
        update={
            "outputs": {
                "probabilities": ROWS.outputs["probabilities"].model_copy(update={"shape": (8, 2)})
            }
        }
    )
    assert not _differences("outputs", fixed, probabilities=_info("DT_FLOAT", 8, 2))
    assert not _differences("outputs", fixed, probabilities=_info("DT_FLOAT", -1, 2))
    assert _differences("outputs", fixed, probabilities=_info("DT_FLOAT", 9, 2))
