"""Which messages are refused before they are parsed."""

from __future__ import annotations

from typing import Any

import pytest
from tensorflow.core.framework import tensor_pb2
from tensorflow_serving.apis import (
    classification_pb2,
    get_model_metadata_pb2,
    inference_pb2,
    predict_pb2,
)

from serving.server.status import Code, StatusError
from serving.server.tensors.message_cost import Cost, check_examples, check_tensors, most_bytes
from tests.serving.server.nasty_bodies import GRPC, predict, tensor

_SIZE = 2_000_000


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "kind"),
    [
        pytest.param("empty texts", predict_pb2.PredictRequest, marks=pytest.mark.extended),
        ("many inputs", predict_pb2.PredictRequest),
        pytest.param("many filters", predict_pb2.PredictRequest, marks=pytest.mark.extended),
        ("far too many dimensions", predict_pb2.PredictRequest),
        ("long integers", predict_pb2.PredictRequest),
        ("empty examples", classification_pb2.ClassificationRequest),
        ("many tasks", inference_pb2.MultiInferenceRequest),
    ],
)
def test_millions_of_small_fields_are_refused(name: str, kind: Any):
    # A task is larger than any of the others.
    size = 2 * _SIZE if name == "many tasks" else _SIZE
    data = GRPC[name][1](size).SerializeToString()
    with pytest.raises(StatusError, match="send it in several parts") as raised:
        Cost(len(data)).add(kind, data)
    assert raised.value.code is Code.RESOURCE_EXHAUSTED


@pytest.mark.medium
@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("floats", predict_pb2.PredictRequest),
        ("many fields of metadata", get_model_metadata_pb2.GetModelMetadataRequest),
    ],
)
def test_what_is_not_empty_passes(name: str, kind: Any):
    data = GRPC[name][1](_SIZE).SerializeToString()
    Cost(len(data)).add(kind, data)


@pytest.mark.medium
def test_what_was_added_counts_for_all():
    data = tensor(1, *[1] * 150_000).SerializeToString()
    cost = Cost(0)
    cost.add(tensor_pb2.TensorProto, data)
    with pytest.raises(StatusError):
        cost.add(tensor_pb2.TensorProto, data)


@pytest.mark.parametrize("cut", [1, 3, 100])
def test_what_is_no_message_is_left_to_the_parser(cut: int):
    data = predict("string", x=tensor(7, 1, string_val=[b"x" * 2_000_000])).SerializeToString()
    Cost(len(data)).add(predict_pb2.PredictRequest, data[:-cut])
    Cost(len(data)).add(predict_pb2.PredictRequest, b"\xff" * 2_000_000)


def test_a_context_in_each_example_counts_for_each():
    check_examples(count=20, size=20 * 500_000, length=510_000)
    with pytest.raises(StatusError, match="its 40 examples would take more than") as raised:
        check_examples(count=40, size=40 * 500_000, length=510_000)
    assert raised.value.code is Code.RESOURCE_EXHAUSTED


def test_examples_of_their_own_bytes_pass():
    check_examples(count=100, size=60_000_000, length=60_000_000)
    check_examples(count=200_000, size=3_800_000, length=4_000_000)


def test_a_request_may_take_ten_times_its_bytes_and_a_small_one_some_megabytes():
    assert most_bytes(16_000_000) == 160_000_000
    assert most_bytes(1000) == most_bytes(3_000_000) == 32 << 20


def test_tensors_may_take_half_of_that_as_the_model_makes_others():
    check_tensors(size=5 * 16_000_000, length=16_000_000)
    check_tensors(size=32 << 20, length=100)
    with pytest.raises(StatusError, match="16000000 bytes and its tensors would take") as raised:
        check_tensors(size=5 * 16_000_000 + 1, length=16_000_000)
    assert raised.value.code is Code.RESOURCE_EXHAUSTED
