import struct

import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

from components.example_gen import protobuf

_names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=200)
_floats = st.floats(width=32, allow_nan=False, allow_infinity=False)
_features = st.one_of(
    st.tuples(st.just("FLOAT"), _floats),
    st.tuples(st.just("INT"), st.integers(-(2**63), 2**63 - 1)),
    st.tuples(st.just("BYTES"), st.binary(max_size=300)),
    st.tuples(st.just("BYTES"), st.lists(st.binary(max_size=20), max_size=4)),
)


def _message(features):
    example = tf.train.Example()
    example.features.SetInParent()
    for name, (stored, value) in features.items():
        feature = example.features.feature[name]
        if stored == "FLOAT":
            feature.float_list.value.append(value)
        elif stored == "INT":
            feature.int64_list.value.append(value)
        else:
            feature.bytes_list.SetInParent()
            feature.bytes_list.value.extend([value] if isinstance(value, bytes) else value)
    return example


@given(st.dictionaries(_names, _features, max_size=5))
def test_bytes_are_those_of_the_messages(features):
    parts = [protobuf.entry(name, *features[name]) for name in sorted(features, key=str.encode)]
    found, message = protobuf.example(parts), _message(features)
    assert tf.train.Example.FromString(found) == message
    expected = message.SerializeToString(deterministic=True)
    assert len(found) == len(expected)
    # protobuf 6 puts a longer name before one that it starts with.
    if not any(long != name and long.startswith(name) for name in features for long in features):
        assert found == expected


def test_a_name_comes_before_those_that_start_with_it():
    features = {"00": ("FLOAT", 2.0), "0": ("FLOAT", 1.0)}
    parts = [protobuf.entry(name, *features[name]) for name in sorted(features)]
    assert tf.train.Example.FromString(protobuf.example(parts)) == _message(features)
    assert protobuf.example(parts).index(b"\n\x010") < protobuf.example(parts).index(b"\n\x0200")


@pytest.mark.parametrize("size", [0, 127, 128, 1 << 14, 1 << 21])
def test_long_values(size):
    features = {"photo": ("BYTES", b"x" * size)}
    assert protobuf.example([protobuf.entry("photo", *features["photo"])]) == _message(
        features
    ).SerializeToString(deterministic=True)


def test_more_than_float32_is_refused():
    with pytest.raises((OverflowError, struct.error)):
        protobuf.entry("fare", "FLOAT", 1e39)
