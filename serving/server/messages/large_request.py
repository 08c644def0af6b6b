"""Reads large gRPC requests without making millions of objects of them.

The library would make eight bytes of each number of one byte, and sixteen and more of each text. So
the tensors of a Predict request are taken out of its bytes, and the tf.Examples of the others;
only what is left is parsed as usual.
"""

from __future__ import annotations

import dataclasses
from typing import Any

from google.protobuf.message import DecodeError
from tensorflow.core.framework import tensor_pb2
from tensorflow_serving.apis import input_pb2, predict_pb2

from serving.server import heap
from serving.server.tensors import message_cost, protobuf
from serving.server.tensors.large_tensor import Strings, WireTensor
from serving.server.tensors.texts import Texts

_INPUTS, _KEY, _VALUE, _INPUT = (number << 3 | protobuf.LENGTH for number in (2, 1, 2, 2))
_LIST, _WITH_CONTEXT, _EXAMPLE, _CONTEXT = (
    number << 3 | protobuf.LENGTH for number in (1, 2, 1, 2)
)


@dataclasses.dataclass(frozen=True)
class LargePredict:
    """Reads like a PredictRequest."""

    rest: predict_pb2.PredictRequest
    """Without the inputs."""
    inputs: dict[str, WireTensor]
    size: int

    def HasField(self, name: str) -> bool:  # As messages have it, and the next one.
        """Whether a field is there."""
        return bool(self.rest.HasField(name))

    def ByteSize(self) -> int:
        """How many bytes the whole request has."""
        return self.size

    @property
    def model_spec(self) -> Any:
        return self.rest.model_spec

    @property
    def output_filter(self) -> Any:
        return self.rest.output_filter

    def release(self) -> None:
        """Lets go of the bytes of the request."""
        self.inputs.clear()
        if self.size >= heap.HUGE_BYTES:
            heap.trim()


@dataclasses.dataclass(frozen=True)
class LargeExamples:
    """Reads like a request to classify, regress or both."""

    rest: Any
    """Without the input."""
    examples: Texts
    """Serialized, with the context in each."""

    def HasField(self, name: str) -> bool:  # As messages have it.
        """Whether a field is there."""
        return bool(self.rest.HasField(name))

    @property
    def model_spec(self) -> Any:
        return self.rest.model_spec

    @property
    def tasks(self) -> Any:
        return self.rest.tasks


def read(kind: Any, data: bytes) -> Any:
    """The message, or what reads like it.

    Args:
      kind: class of the message.
      data: serialized.

    Raises:
      DecodeError: it is no such message.
      StatusError: RESOURCE_EXHAUSTED when it would take far more memory than it has bytes.
    """
    if len(data) >= message_cost.LARGE_BYTES:
        fields = kind.DESCRIPTOR.fields_by_name
        try:
            if kind is predict_pb2.PredictRequest:
                return _predict(data)
            if "input" in fields and fields["input"].message_type is input_pb2.Input.DESCRIPTOR:
                return _examples(kind, data)
        except protobuf.WireError:  # In no usual form, if it is a message at all.
            pass
        message_cost.Cost(len(data)).add(kind, data)
    return kind.FromString(data)


def _predict(data: bytes) -> LargePredict:
    rest = bytearray()
    inputs: dict[bytes, WireTensor] = {}
    cost = message_cost.Cost(len(data))
    for tag, begin, start, end in protobuf.fields(data, 0, len(data)):
        if tag == _INPUTS:
            key, tensor = _entry(data, start, end)
            inputs[key] = tensor  # Of two of one name the last counts.
            cost.add_entry()
            cost.add(tensor_pb2.TensorProto, tensor.head)
        else:
            rest += data[begin:end]
    cost.add(predict_pb2.PredictRequest, bytes(rest))
    for tensor in inputs.values():
        tensor.parse()
    return LargePredict(
        predict_pb2.PredictRequest.FromString(bytes(rest)),
        {_name(key): tensor for key, tensor in inputs.items()},
        len(data),
    )


def _entry(data: bytes, start: int, end: int) -> tuple[bytes, WireTensor]:
    key = b""
    spans: list[tuple[int, int]] = []
    for tag, _, first, last in protobuf.fields(data, start, end):
        if tag == _KEY:
            key = data[first:last]
        elif tag == _VALUE:
            spans.append((first, last))
        else:
            raise protobuf.WireError
    if len(spans) == 1:
        return key, WireTensor(data, *spans[0])
    # Messages that follow each other are one with the fields of all.
    whole = b"".join([data[first:last] for first, last in spans])
    return key, WireTensor(whole, 0, len(whole))


def _name(key: bytes) -> str:
    try:
        return key.decode()
    except UnicodeDecodeError as error:
        raise DecodeError(str(error)) from error


def _examples(kind: Any, data: bytes) -> LargeExamples:
    rest = bytearray()
    examples: Texts | None = None
    for tag, begin, start, end in protobuf.fields(data, 0, len(data)):
        if tag != _INPUT:
            rest += data[begin:end]
        elif examples is None:
            examples = _list(data, start, end)
        else:
            raise protobuf.WireError
    message_cost.Cost(len(data)).add(kind, bytes(rest))
    return LargeExamples(kind.FromString(bytes(rest)), examples or Strings().texts())


def _list(data: bytes, start: int, end: int) -> Texts:
    found = list(protobuf.fields(data, start, end))
    if len(found) != 1 or found[0][0] not in (_LIST, _WITH_CONTEXT):
        raise protobuf.WireError
    kind, _, start, end = found[0]
    context = b""
    count = size = 0
    # Before any is read: what is refused takes nothing, and the context may come last.
    for tag, _, first, last in protobuf.fields(data, start, end):
        if tag == _EXAMPLE:
            count += 1
            size += last - first
        elif tag == _CONTEXT and kind == _WITH_CONTEXT:
            context += data[first:last]
    message_cost.check_examples(count, size + count * len(context), len(data))
    strings = Strings()
    for tag, _, first, last in protobuf.fields(data, start, end):
        if tag == _EXAMPLE:
            strings.add(data[first:last], context)
    return strings.texts()
