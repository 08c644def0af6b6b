"""Which messages are refused before they are parsed."""

from __future__ import annotations

import pytest
from tensorflow_serving.apis import classification_pb2, predict_pb2

from serving.server import message_cost
from serving.server.status import Code, StatusError
from tests.serving.server.nasty_bodies import GRPC, predict, tensor

_SIZE = 4_000_000


@pytest.mark.parametrize(
    "name", ["empty texts", "many inputs", "many filters", "far too many dimensions"]
)
def test_millions_of_empty_fields_are_refused(name: str):
    with pytest.raises(StatusError, match="send it in several parts") as raised:
        message_cost.check(predict_pb2.PredictRequest, GRPC[name][1](_SIZE).SerializeToString())
    assert raised.value.code is Code.RESOURCE_EXHAUSTED


@pytest.mark.parametrize("name", ["floats", "small integers", "texts", "content"])
def test_what_is_not_empty_passes(name: str):
    message_cost.check(predict_pb2.PredictRequest, GRPC[name][1](_SIZE).SerializeToString())


def test_many_examples_of_one_number_pass():
    request = classification_pb2.ClassificationRequest()
    for _ in range(100_000):
        example = request.input.example_list.examples.add()
        example.features.feature["x"].float_list.value.append(0.5)
    message_cost.check(classification_pb2.ClassificationRequest, request.SerializeToString())


@pytest.mark.parametrize("cut", [1, 3, 100])
def test_what_is_no_message_is_left_to_the_parser(cut: int):
    data = predict("string", x=tensor(7, 1, string_val=[b"x" * 2_000_000])).SerializeToString()
    message_cost.check(predict_pb2.PredictRequest, data[:-cut])
    message_cost.check(predict_pb2.PredictRequest, b"\xff" * 2_000_000)
