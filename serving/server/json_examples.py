"""Reads the tf.Examples in the body of a classify or regress request."""

from __future__ import annotations

from typing import Any

from tensorflow.core.example import example_pb2, feature_pb2

from serving.server.inference import Examples, fed
from serving.server.json_body import JsonObject, type_name, value_error
from serving.server.json_bytes import encode_text, from_base64, is_base64
from serving.server.json_lenient import Repeated
from serving.server.json_pieces import Pieces
from serving.server.json_tensor import joined
from serving.server.status import invalid_argument

_INT64 = range(-(2**63), 2**63)


def read_examples(document: JsonObject) -> Examples:
    """Serialized tf.Examples, with the features of `context` in each.

    From FillClassifyRegressRequestFromJson in util/json_tensor.cc: a number without a decimal point
    is an int64, and so are true and false; the type of a feature is that of its first value. The
    document is used up.

    Raises:
      StatusError: INVALID_ARGUMENT for a document of the wrong form.
    """
    context = b""
    if "context" in document:
        context = _example(document["context"])
    if "examples" not in document:
        raise value_error(
            document, "When method is classify, key 'examples' is expected and was not found"
        )
    examples = document["examples"]
    if isinstance(examples, Pieces):
        return joined(
            [fed([context + _example(example) for example in piece]) for piece in examples]
        )
    if not isinstance(examples, list):
        raise value_error(document, "Expecting 'examples' value to be an list/array")
    if not examples:
        raise value_error(document, "'examples' value is an empty array")
    for index, example in enumerate(examples):
        # In place, which frees each as it is read. Serialized messages that follow each other are
        # one message with the fields of both.
        examples[index] = context + _example(example)
    return examples


def _example(value: Any) -> bytes:
    if not isinstance(value, dict):
        raise invalid_argument(f"Example must be JSON object but got JSON {type_name(value)}")
    example = example_pb2.Example()
    features = example.features.feature
    # Of two features of one name the last one counts, but both must be well-formed.
    for name, content in value.members if isinstance(value, Repeated) else value.items():
        key = _name(name)
        features[key].Clear()
        values = content if isinstance(content, list) else [content]
        if not _extend(features[key], values):
            for item in values:
                _add(features[key], name, item)
    return example.SerializeToString()


def _name(name: str) -> str:
    """A key of a map in a message, which must be UTF-8."""
    return encode_text(name).decode("utf-8", "replace")


def _extend(feature: feature_pb2.Feature, values: list[Any]) -> bool:
    """Adds values that are all of one plain type, which is quick; whether they were."""
    types = set(map(type, values))
    if types == {int} and min(values) >= _INT64[0] and max(values) <= _INT64[-1]:
        feature.int64_list.value.extend(values)
    elif types == {float}:
        feature.float_list.value.extend(values)
    elif types == {str}:
        feature.bytes_list.value.extend(map(encode_text, values))
    else:
        return False
    return True


def _add(feature: feature_pb2.Feature, name: str, value: Any) -> None:
    kind, converted = _converted(name, value)
    if feature.WhichOneof("kind") not in (None, kind):
        found = feature.WhichOneof("kind").removesuffix("_list")
        raise invalid_argument(
            f"Unexpected element type in feature: {name} expecting type: {found}"
        )
    getattr(feature, kind).value.append(converted)


def _converted(name: str, value: Any) -> tuple[str, Any]:
    if isinstance(value, int):  # true and false too
        if value not in _INT64:
            raise invalid_argument(
                f"Feature: {name} has uint64_t element. Only int64_t is supported."
            )
        return "int64_list", int(value)
    if isinstance(value, float):
        return "float_list", value
    if isinstance(value, str):
        return "bytes_list", encode_text(value)
    if is_base64(value):
        return "bytes_list", from_base64(value)
    raise invalid_argument(
        f"Feature: {name} has element with unexpected JSON type: {type_name(value)}"
    )
