from __future__ import annotations

from typing import Any

import pytest
from tensorflow.core.example import example_pb2

from serving.server.json_examples import read_examples
from serving.server.status import StatusError


def features(document: dict[str, Any]) -> list[dict[str, list[Any]]]:
    found = []
    for serialized in read_examples(document):
        example = example_pb2.Example.FromString(serialized)
        found.append(
            {
                name: list(getattr(feature, feature.WhichOneof("kind")).value)
                for name, feature in example.features.feature.items()
            }
        )
    return found


def test_values_are_floats_integers_or_bytes_by_their_form():
    document = {"examples": [{"f": [0.5, 2.0], "i": [1, True], "t": "a", "b": {"b64": "/w=="}}]}
    assert features(document) == [{"f": [0.5, 2.0], "i": [1, 1], "t": [b"a"], "b": [b"\xff"]}]


def test_the_context_is_part_of_every_example():
    document = {"context": {"c": 1}, "examples": [{"x": 2}, {"c": 3}]}
    assert features(document) == [{"c": [1], "x": [2]}, {"c": [3]}]


@pytest.mark.parametrize(
    ("document", "text"),
    [
        ({}, "key 'examples' is expected and was not found"),
        ({"examples": {}}, "Expecting 'examples' value to be an list/array"),
        ({"examples": []}, "'examples' value is an empty array"),
        ({"examples": [1]}, "Example must be JSON object but got JSON Number"),
        ({"examples": [{"x": [1, 0.5]}]},
         "Unexpected element type in feature: x expecting type: int64"),
        ({"examples": [{"x": None}]}, "Feature: x has element with unexpected JSON type: Null"),
        ({"examples": [{"x": [[1]]}]}, "Feature: x has element with unexpected JSON type: Array"),
        ({"examples": [{"x": 2**63}]}, "Feature: x has uint64 element. Only int64 is supported."),
        ({"examples": [{"x": 1e39}]}, "to float without loss of precision"),
    ],
)  # fmt: skip
def test_what_is_no_example_is_refused_in_upstreams_words(document: dict[str, Any], text: str):
    with pytest.raises(StatusError) as caught:
        read_examples(document)
    assert text in caught.value.message
