"""Rows of a table as tf.Examples, which say in more than one way that a value is missing."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from typing import Any

import tensorflow as tf

from models.features.kind import FeatureKind
from models.reference.feature_order import backwards
from models.reference.spoilt_examples import OTHER_FEATURES

Row = Mapping[str, float | bytes | None]
"""Features of an example by name; None where one is missing."""


def row_of(record: bytes, kinds: Mapping[str, FeatureKind]) -> dict[str, float | bytes | None]:
    """The features of a serialized tf.Example that a model takes.

    Args:
      record: the example, which may hold more.
      kinds: of these features, by name.
    """
    found = tf.train.Example.FromString(record).features.feature
    row: dict[str, float | bytes | None] = {}
    for name, kind in kinds.items():
        # Looking an absent feature up would silently create it.
        feature = found[name] if name in found else tf.train.Feature()
        values = _values(feature, kind.STORED)
        row[name] = values.value[0] if values.value else None
    return row


def serialized(row: Row) -> bytes:
    """As a client sends it, who knows no label; what is missing is not there."""
    features = {
        name: tf.train.Feature(float_list=tf.train.FloatList(value=[value]))
        if isinstance(value, float)
        else tf.train.Feature(bytes_list=tf.train.BytesList(value=[value]))
        for name, value in row.items()
        if value is not None
    }
    return _bytes(tf.train.Example(features=tf.train.Features(feature=features)))


def without_values(content: bytes, stored: Mapping[str, str | None]) -> Iterator[tuple[str, bytes]]:
    """Yields what is said of them, and serialized tf.Examples whose features are there, and hold no
    value, or not even a type: that, too, is missing.

    Args:
      content: a serialized tf.Example.
      stored: the type of each feature that may be missing, FLOAT or BYTES.
    """
    if not stored:
        return
    example = tf.train.Example.FromString(content)
    for name, type_name in stored.items():
        values = _values(example.features.feature[name], type_name)
        del values.value[:]
        values.SetInParent()
    yield "features without values", _bytes(example)
    for name in stored:
        example.features.feature[name].Clear()
    yield "features of no type", _bytes(example)


def among_others(content: bytes, known: Container[str]) -> bytes:
    """A serialized tf.Example with features that nobody asked for, in no usual order.

    Args:
      content: the example without.
      known: names that stand for something else.
    """
    example = tf.train.Example.FromString(content)
    for name, feature in OTHER_FEATURES.items():
        if name not in known:
            example.features.feature[name].CopyFrom(feature)
    return backwards(_bytes(example))


def _values(feature: Any, stored: str | None) -> Any:
    return feature.float_list if stored == "FLOAT" else feature.bytes_list


def _bytes(example: Any) -> bytes:
    content: bytes = example.SerializeToString(deterministic=True)
    return content
