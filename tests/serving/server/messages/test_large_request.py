"""Large requests say what the library reads in them, whatever their form."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from google.protobuf.message import DecodeError
from hypothesis import HealthCheck, given, settings
from tensorflow.core.example import example_pb2
from tensorflow_serving.apis import classification_pb2, predict_pb2

from serving.server.messages import large_request, messages, tensor_proto
from serving.server.messages.large_request import LargeExamples, LargePredict
from serving.server.status import Code, StatusError
from serving.server.tensors import message_cost, texts
from serving.server.tensors.texts import Texts
from tests.serving.server.messages.protos import protos
from tests.serving.server.nasty_bodies import GRPC, predict, tensor

Predict = predict_pb2.PredictRequest
Classify = classification_pb2.ClassificationRequest


@pytest.fixture(autouse=True)
def all_are_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(message_cost, "LARGE_BYTES", 0)


def read(proto: Any) -> Any:
    try:
        return texts.unpacked(tensor_proto.to_array(proto, "x"))
    except StatusError as error:
        return error.described


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(protos())
def test_a_tensor_is_what_the_library_makes_of_it(sent: Any):
    request = predict("any", x=sent)
    request.output_filter.append("y")
    found = large_request.read(Predict, request.SerializeToString())
    assert isinstance(found, LargePredict)
    assert (found.model_spec, list(found.output_filter)) == (request.model_spec, ["y"])
    expected, array = read(sent), read(found.inputs["x"])
    if isinstance(expected, str):
        assert array == expected
    else:
        assert (array.dtype, array.shape) == (expected.dtype, expected.shape)
        np.testing.assert_array_equal(array, expected)


@given(protos())
def test_what_is_written_in_parts_is_what_the_library_writes(sent: Any):
    array = read(sent)
    if isinstance(array, str):
        return
    plain = type(sent)()
    tensor_proto.fill(plain, array)
    written = type(sent).FromString(b"".join(tensor_proto.parts(array)))
    # As texts: of NaN, the library may change the bits.
    assert str(written) == str(plain)


@given(protos())
def test_what_is_written_as_content_is_read_as_the_same(sent: Any):
    array = read(sent)
    if isinstance(array, str):
        return
    written = type(sent).FromString(b"".join(tensor_proto.content_parts(array)))
    assert not array.size or written.tensor_content
    found = read(written)
    assert (found.dtype, found.shape) == (array.dtype, array.shape)
    np.testing.assert_array_equal(found, array)


def test_numbers_need_not_be_packed():
    request = GRPC["integers one by one"][1](40).SerializeToString()
    found = large_request.read(Predict, request)
    # Its value comes in two parts, which are one message.
    assert isinstance(found, LargePredict)
    expected = Predict.FromString(request).inputs["x"]
    assert len(expected.int64_val) == 20
    assert read(found.inputs["x"]).tolist() == expected.int64_val[:]


def test_of_two_inputs_of_one_name_the_last_counts():
    one, two = (predict("a", x=tensor(1, 1, float_val=[x])) for x in (1, 2))
    data = one.SerializeToString() + two.SerializeToString()
    assert read(large_request.read(Predict, data).inputs["x"]).tolist() == [2]


def examples(*values: float) -> classification_pb2.ClassificationRequest:
    request = Classify()
    request.model_spec.name = "m"
    for value in values:
        example = request.input.example_list.examples.add()
        example.features.feature["x"].float_list.value.append(value)
    return request


def test_examples_are_taken_as_they_are():
    request = examples(0.5, 2)
    found = large_request.read(Classify, request.SerializeToString())
    assert isinstance(found, LargeExamples)
    assert found.model_spec.name == "m"
    read = messages.serialized_examples(found)
    assert isinstance(read, Texts)
    assert read.tolist() == messages.serialized_examples(request)
    assert len(large_request.read(Classify, Classify().SerializeToString()).examples) == 0


def test_the_context_is_in_each_example():
    request = Classify()
    inner = request.input.example_list_with_context
    inner.context.features.feature["c"].int64_list.value.append(3)
    for value in (1, 2):
        inner.examples.add().features.feature["x"].float_list.value.append(value)
    found = large_request.read(Classify, request.SerializeToString()).examples.tolist()
    assert [sorted(example_pb2.Example.FromString(x).features.feature) for x in found] == [
        ["c", "x"]
    ] * 2


@pytest.mark.slow
@pytest.mark.parametrize("name", ["empty examples", "a context for many examples"])
def test_examples_that_would_take_too_much_are_refused(name: str):
    data = GRPC[name][1](2_000_000).SerializeToString()
    with pytest.raises(StatusError, match="send it in several parts") as caught:
        large_request.read(Classify, data)
    assert caught.value.code is Code.RESOURCE_EXHAUSTED


@pytest.mark.parametrize("data", [b"\xff", b"\x12\x03abc", b"\x0a\x02\xff\xff", b"\x0b"])
def test_what_is_no_request_is_none(data: bytes):
    for kind in (Predict, Classify):
        with pytest.raises(DecodeError):
            large_request.read(kind, data)
