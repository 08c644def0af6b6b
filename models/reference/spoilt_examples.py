"""tf.Examples as nobody should send them: a feature twice, or of another type, or unknown ones."""

from __future__ import annotations

import base64
from collections.abc import Iterator

import tensorflow as tf

OTHER_FEATURES = {
    "comment": tf.train.Feature(bytes_list=tf.train.BytesList(value=[b"two", b"words"])),
    "price": tf.train.Feature(float_list=tf.train.FloatList(value=[9.95])),
    "number": tf.train.Feature(int64_list=tf.train.Int64List(value=[-1])),
    "page": tf.train.Feature(bytes_list=tf.train.BytesList(value=[b"a long text " * 6_000])),
    "vector": tf.train.Feature(float_list=tf.train.FloatList(value=[0.5] * 1_000)),
}
"""Features that a model does not know, and leaves alone, however large they are."""


def broken(example: bytes) -> Iterator[tuple[str, bytes]]:
    """Yields what is said of bytes that are no tf.Example, and the bytes.

    Args:
      example: one that is sound.
    """
    yield "an example cut short", example[: len(example) // 2 + 1]
    yield "an example with bytes behind it", example + b"\xff"
    yield "bytes that are no example", b"\xff\xfe no example"
    yield "JSON", b'{"features": {}}'
    yield "an example as text", base64.b64encode(example)


def spoilt(example: bytes, name: str, stored: str | None) -> Iterator[tuple[str, bytes]]:
    """Yields what is said of them, and serialized tf.Examples.

    Args:
      example: one that is sound.
      name: of the feature.
      stored: its type, FLOAT or BYTES.
    """
    number = tf.train.FloatList(value=[1.0, 2.0])
    text = tf.train.BytesList(value=[b"one", b"two"])
    whole = tf.train.Int64List(value=[1])
    for said, feature in (
        (
            "with two values",
            tf.train.Feature(float_list=number)
            if stored == "FLOAT"
            else tf.train.Feature(bytes_list=text),
        ),
        ("with a whole number", tf.train.Feature(int64_list=whole)),
        (
            "of another type",
            tf.train.Feature(bytes_list=tf.train.BytesList(value=[b"one"]))
            if stored == "FLOAT"
            else tf.train.Feature(float_list=tf.train.FloatList(value=[1.0])),
        ),
    ):
        changed = tf.train.Example.FromString(example)
        changed.features.feature[name].CopyFrom(feature)
        yield said, changed.SerializeToString(deterministic=True)
