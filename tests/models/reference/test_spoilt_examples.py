"""tf.Examples as nobody should send them."""

from __future__ import annotations

import pytest
import tensorflow as tf

from models.reference.spoilt_examples import broken, spoilt

SOUND = tf.train.Example(
    features=tf.train.Features(
        feature={
            "fare": tf.train.Feature(float_list=tf.train.FloatList(value=[1.5])),
            "company": tf.train.Feature(bytes_list=tf.train.BytesList(value=[b"Red"])),
        }
    )
).SerializeToString()


@pytest.mark.parametrize(("name", "stored"), [("fare", "FLOAT"), ("company", "BYTES")])
def test_one_feature_is_spoilt_and_the_others_are_as_they_were(name, stored):
    found = dict(spoilt(SOUND, name, stored))
    assert len(found) == 3
    other = {"fare": "company", "company": "fare"}[name]
    sound = tf.train.Example.FromString(SOUND).features.feature
    for content in found.values():
        features = tf.train.Example.FromString(content).features.feature
        assert features[other] == sound[other]
        assert features[name] != sound[name]
        spec = {name: tf.io.FixedLenFeature([], {"FLOAT": tf.float32, "BYTES": tf.string}[stored])}
        with pytest.raises(tf.errors.InvalidArgumentError):
            tf.io.parse_example([content], spec)


def test_what_is_no_example_is_refused_by_whoever_parses_it():
    found = dict(broken(SOUND))
    assert len(found) > 3
    for content in found.values():
        # Of bytes that are no text, Python cannot read what TensorFlow says.
        with pytest.raises((tf.errors.InvalidArgumentError, UnicodeDecodeError)):
            tf.io.parse_example([content], {"fare": tf.io.FixedLenFeature([], tf.float32, 0.0)})
