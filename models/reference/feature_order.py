"""The order of the features of a tf.Example, which means nothing: each client has its own."""

from __future__ import annotations

import tensorflow as tf


def backwards(content: bytes) -> bytes:
    """A serialized tf.Example with its features from the last name to the first.

    Args:
      content: the example, as protobuf writes one where it is asked for an order.
    """
    found = tf.train.Example.FromString(content).features.feature
    # Messages behind one another are one message, whose map has what each of theirs has.
    features = b"".join(
        tf.train.Features(feature={name: found[name]}).SerializeToString()
        for name in sorted(found, reverse=True)
    )
    # An Example holds its Features as a BytesList holds its first value.
    whole: bytes = tf.train.BytesList(value=[features]).SerializeToString()
    return whole
