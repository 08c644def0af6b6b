"""Rows as tf.Examples, and back."""

from __future__ import annotations

import tensorflow as tf

from models.features.category.kind import Category
from models.features.number.kind import Number
from models.reference.row_examples import Row, among_others, row_of, serialized, without_values

KINDS = {"fare": Number(kind="number"), "company": Category(kind="category")}


def features(content: bytes) -> dict[str, tf.train.Feature]:
    return dict(tf.train.Example.FromString(content).features.feature)


def test_a_row_reads_back_as_it_was_written():
    row: Row = {"fare": 2.5, "company": b"red"}
    assert row_of(serialized(row), KINDS) == row
    assert row_of(among_others(serialized(row), KINDS), KINDS) == row


def test_what_is_missing_is_not_there():
    content = serialized({"fare": None, "company": b"red"})
    assert [*features(content)] == ["company"]
    assert row_of(content, KINDS) == {"fare": None, "company": b"red"}


def test_features_without_values_or_a_type_are_missing():
    stored = {name: kind.STORED for name, kind in KINDS.items()}
    content = serialized({"fare": 2.5, "company": b"red"})
    made = dict(without_values(content, stored))
    empty = features(made["features without values"])
    assert {name: feature.WhichOneof("kind") for name, feature in empty.items()} == {
        "fare": "float_list",
        "company": "bytes_list",
    }
    untyped = features(made["features of no type"])
    assert {name: feature.WhichOneof("kind") for name, feature in untyped.items()} == {
        "fare": None,
        "company": None,
    }
    for example in made.values():
        assert row_of(example, KINDS) == {"fare": None, "company": None}
    assert not [*without_values(content, {})]


def test_other_features_take_the_place_of_none_that_is_known():
    found = features(among_others(b"", {"price"}))
    assert "price" not in found
    assert {"comment", "number"} <= found.keys()
