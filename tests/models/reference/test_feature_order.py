"""An example whose features come in another order is the same example in other bytes."""

from __future__ import annotations

import tensorflow as tf

from models.reference.feature_order import backwards


def example(**features: tf.train.Feature) -> bytes:
    found = tf.train.Example(features=tf.train.Features(feature=features))
    return found.SerializeToString(deterministic=True)


def test_features_come_from_the_last_to_the_first():
    text = tf.train.Feature(bytes_list=tf.train.BytesList(value=[b"red", b"blue"]))
    number = tf.train.Feature(float_list=tf.train.FloatList(value=[2.5]))
    content = example(company=text, fare=number, none=tf.train.Feature())
    found = backwards(content)
    assert content.index(b"company") < content.index(b"fare") < content.index(b"none")
    assert found.index(b"none") < found.index(b"fare") < found.index(b"company")
    assert len(found) == len(content)
    assert tf.train.Example.FromString(found) == tf.train.Example.FromString(content)
    kinds = {
        "company": tf.io.VarLenFeature(tf.string),
        "fare": tf.io.FixedLenFeature([], tf.float32),
    }
    one, other = tf.io.parse_example([content, found], kinds)["fare"].numpy()
    assert one == other == 2.5


def test_an_example_of_nothing_stays_one():
    assert not tf.train.Example.FromString(backwards(example())).features.feature
