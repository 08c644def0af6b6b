from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tensorflow.core.example import example_pb2

from serving.server.json.body import parse_object
from serving.server.json.examples import read_examples
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
        ({"examples": [{"x": 2**63}]},
         "Feature: x has uint64_t element. Only int64_t is supported."),
        ({"examples": [{"x": [1, 2**63]}]}, "Feature: x has uint64_t element."),
    ],
)  # fmt: skip
def test_what_is_no_example_is_refused_in_upstreams_words(document: dict[str, Any], text: str):
    with pytest.raises(StatusError) as caught:
        read_examples(document)
    assert text in caught.value.message


def test_floats_become_the_nearest_or_infinity():
    found = features({"examples": [{"x": [0.1, 1e39, -1e39]}, {"x": 1e39}]})
    assert found[0]["x"] == [np.float32(0.1), np.inf, -np.inf]
    assert found[1]["x"] == [np.inf]


def test_of_two_features_of_one_name_the_last_counts_and_both_are_checked():
    assert features(parse_object(b'{"examples": [{"x": [1, 2], "x": 3}]}')) == [{"x": [3]}]
    with pytest.raises(StatusError, match="unexpected JSON type: Null"):
        read_examples(parse_object(b'{"examples": [{"x": null, "x": 3}]}'))


@pytest.mark.medium
@given(
    st.lists(
        st.dictionaries(
            st.text(st.characters(exclude_categories=["Cs"])),
            st.one_of(st.floats(), st.integers(-(2**63), 2**63 - 1)),
        ),
        min_size=1,
    )
)
def test_every_number_is_read_whatever_stands_beside_it(examples: list[dict[str, float]]):
    found = features({"examples": [dict(example) for example in examples]})
    for given_example, read in zip(examples, found, strict=True):
        assert set(read) == set(given_example)
        for name, number in given_example.items():
            with np.errstate(over="ignore"):
                expected = np.float32(number) if isinstance(number, float) else number
            np.testing.assert_array_equal(read[name], [expected])
