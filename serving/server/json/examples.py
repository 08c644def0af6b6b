"""Reads the tf.Examples in the body of a classify or regress request."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from typing import Any

import numpy as np
from tensorflow.core.example import example_pb2, feature_pb2

from serving.server.inference import Examples
from serving.server.json.body import type_name, value_error
from serving.server.json.bytes import encode_text, from_base64, is_base64
from serving.server.json.document import JsonObject
from serving.server.json.lenient import Repeated
from serving.server.json.pieces import Pieces
from serving.server.status import StatusError, invalid_argument
from serving.server.tensors import message_cost, protobuf, texts
from serving.server.tensors.gathered import Gathered

_FEATURES, _FEATURE, _KEY, _VALUE, _VALUES = 1, 1, 1, 2, 1
"""Numbers of fields: of an Example, of Features, of an entry in a map, and of a list."""
_KINDS = {field.name: field.number for field in feature_pb2.Feature.DESCRIPTOR.fields}
_INT64 = range(-(2**63), 2**63)
_packed = struct.Struct("<f").pack
_FLOAT_BYTES = 4
_ONLY_FLOATS = frozenset((float,))


def read_examples(document: JsonObject) -> Examples:
    """Serialized tf.Examples, with the features of `context` in each.

    From FillClassifyRegressRequestFromJson in util/json_tensor.cc: a number without a decimal point
    is an int64, and so are true and false; the type of a feature is that of its first value. The
    document is used up.

    Raises:
      StatusError: INVALID_ARGUMENT for a document of the wrong form.
    """
    numbers = _Numbers()
    context = b""
    if "context" in document:
        context = _example(document["context"])
    if "examples" not in document:
        raise value_error(
            document, "When method is classify, key 'examples' is expected and was not found"
        )
    length = getattr(document, "size", 0)
    examples = document["examples"]
    if isinstance(examples, Pieces):
        gathered = Gathered(0)
        count = size = 0
        for piece in examples:
            count += len(piece)
            message_cost.check_examples(count, size + len(piece) * len(context), length)
            made = texts.of_strings([context + numbers.example(example) for example in piece])
            size += len(made.data)
            message_cost.check_examples(count, size, length)
            gathered.add(made)
        return gathered.array()
    if not isinstance(examples, list):
        raise value_error(document, "Expecting 'examples' value to be an list/array")
    if not examples:
        raise value_error(document, "'examples' value is an empty array")
    message_cost.check_examples(len(examples), len(examples) * len(context), length)
    for index, example in enumerate(examples):
        # In place, which frees each as it is read. Serialized messages that follow each other are
        # one message with the fields of both.
        examples[index] = context + numbers.example(example)
    return examples


class _Heads(dict[str, bytes]):
    """By its name, an Example of one feature, but for the four bytes of its float, which are the
    last."""

    def __missing__(self, name: str) -> bytes:
        example = example_pb2.Example()
        example.features.feature[_name(name)].float_list.value.append(0.0)
        head: bytes = example.SerializeToString()[:-_FLOAT_BYTES]
        self[name] = head
        return head


class _Numbers:
    """Serializes the examples of one request; quick for those that hold one float a feature."""

    def __init__(self) -> None:
        self._heads = _Heads()

    def example(self, value: Any) -> bytes:
        """As `_example`, for whatever is no plain object of floats or too great for one."""
        if isinstance(value, Repeated) and all(type(x) is float for _, x in value.members):
            value = dict(value.members)  # Of two features of one name the last one counts.
        if type(value) is dict and _ONLY_FLOATS.issuperset(map(type, value.values())):
            heads = self._heads
            try:
                # Messages that follow each other are one with the features of all.
                return b"".join([heads[name] + _packed(x) for name, x in value.items()])
            except OverflowError:
                pass
        return _example(value)


def _example(value: Any) -> bytes:
    if not isinstance(value, dict):
        raise invalid_argument(f"Example must be JSON object but got JSON {type_name(value)}")
    example = example_pb2.Example()
    features = example.features.feature
    # Of two features of one name the last one counts, but both must be well-formed.
    large: dict[str, bytes] = {}
    for name, content in _members(value):
        key = _name(name)
        large.pop(key, None)
        features[key].Clear()
        if isinstance(content, Pieces):
            del features[key]
            large[key] = _large_feature(name, content)
            continue
        values = content if isinstance(content, list) else [content]
        if not _extend(features[key], values):
            for item in values:
                _add(features[key], name, item)
    entries = (
        protobuf.field(
            _FEATURE, protobuf.field(_KEY, key.encode()), protobuf.field(_VALUE, feature)
        )
        for key, feature in large.items()
    )
    # Messages that follow each other are one with the features of all.
    return b"".join((example.SerializeToString(), *(protobuf.field(_FEATURES, x) for x in entries)))


def _members(value: dict[str, Any]) -> Iterable[tuple[str, Any]]:
    """All of an object, those too whose name comes again."""
    return value.members if isinstance(value, Repeated) else value.items()


def _large_feature(name: str, pieces: Pieces) -> bytes:
    """A serialized feature of many values, which is made without an object of each."""
    found = ""
    parts: list[bytes] = []
    for piece in pieces:
        kind = _plain_kind(piece)
        if kind is None:
            # Which says what is wrong with them, or finds numbers and true or false.
            feature = feature_pb2.Feature()
            for value in piece:
                _add(feature, name, value)
            kind = feature.WhichOneof("kind")
            piece = list(getattr(feature, kind).value)
        if found and kind != found:
            raise _unexpected(name, found)
        found = kind
        if kind == "int64_list":
            parts += protobuf.pack(np.fromiter(piece, np.int64, len(piece)))
        elif kind == "float_list":
            with np.errstate(over="ignore"):
                parts.append(np.array(piece, np.float64).astype(np.float32).tobytes())
        else:
            encoded = (x if isinstance(x, bytes) else encode_text(x) for x in piece)
            parts.append(b"".join([protobuf.field(_VALUES, x) for x in encoded]))
    values = b"".join(parts) if found == "bytes_list" else protobuf.field(_VALUES, *parts)
    return protobuf.field(_KINDS[found], values)


def _plain_kind(values: list[Any]) -> str | None:
    """The list for values that are all of one plain type."""
    types = set(map(type, values))
    if types == {int} and min(values) >= _INT64[0] and max(values) <= _INT64[-1]:
        return "int64_list"
    return {float: "float_list", str: "bytes_list"}.get(types.pop()) if len(types) == 1 else None


def _name(name: str) -> str:
    """A key of a map in a message, which must be UTF-8."""
    return encode_text(name).decode("utf-8", "replace")


def _extend(feature: feature_pb2.Feature, values: list[Any]) -> bool:
    """Adds values that are all of one plain type, which is quick; whether they were."""
    kind = _plain_kind(values)
    if kind is not None:
        plain = map(encode_text, values) if kind == "bytes_list" else values
        getattr(feature, kind).value.extend(plain)
    return kind is not None


def _add(feature: feature_pb2.Feature, name: str, value: Any) -> None:
    kind = _kind(name, value)
    if feature.WhichOneof("kind") not in (None, kind):
        raise _unexpected(name, feature.WhichOneof("kind"))
    getattr(feature, kind).value.append(_converted(name, value))


def _unexpected(name: str, kind: str) -> StatusError:
    return invalid_argument(
        f"Unexpected element type in feature: {name} expecting type: {kind.removesuffix('_list')}"
    )


def _kind(name: str, value: Any) -> str:
    """The list that a value belongs to, which is looked at before the value itself."""
    if isinstance(value, int):  # true and false too
        return "int64_list"
    if isinstance(value, float):
        return "float_list"
    if isinstance(value, str) or is_base64(value):
        return "bytes_list"
    raise invalid_argument(
        f"Feature: {name} has element with unexpected JSON type: {type_name(value)}"
    )


def _converted(name: str, value: Any) -> Any:
    if isinstance(value, int):
        if value not in _INT64:
            raise invalid_argument(
                f"Feature: {name} has uint64_t element. Only int64_t is supported."
            )
        return int(value)
    if isinstance(value, float):
        return value
    return encode_text(value) if isinstance(value, str) else from_base64(value)
