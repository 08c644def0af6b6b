"""Wrong and odd models as users make them: by a `network` or a `preprocess` of their own, trained.

What the trained network answered in Python is what they are held against; so each of these answers
otherwise once it is saved, in other company or at another time.
"""

from __future__ import annotations

import dataclasses

from models.user_code import NETWORK, PREPROCESS

_HEAD = """
import random, time
import numpy as np
import tensorflow as tf
import tf_keras
from tf_keras import layers

"""
_NETWORK = """

def network(features, outputs):
    words = layers.Embedding(features.sizes["words_"], 4)(features["words_"])
    x = layers.concatenate([features["numbers_"], layers.Flatten()(words)])
    x = layers.Dense(8, "tanh")(x)
    {}
    return layers.Dense(outputs)(x)
"""
_PREPROCESS = """

def preprocess(features):
    fare = features["fare (EUR)"]
    {}
    return features
"""


@dataclasses.dataclass(frozen=True)
class UserMade:
    """A function of a user's, and the row that must fail; None where the model is right."""

    row: str | None
    function: str
    source: str


def _network(row: str | None, line: str, before: str = "") -> UserMade:
    return UserMade(row, NETWORK, _HEAD + before + _NETWORK.format(line))


def _preprocess(row: str | None, line: str, before: str = "") -> UserMade:
    return UserMade(row, PREPROCESS, _HEAD + before + _PREPROCESS.format(line))


def _fare(row: str | None, fare: str) -> UserMade:
    return _preprocess(row, f'features["fare (EUR)"] = {fare}')


def _layer(row: str | None, call: str, build: str = "pass") -> UserMade:
    before = f"""
class Own(layers.Layer):
    calls = 0

    def build(self, shape):
        {build}

    def call(self, x, training=False):
        Own.calls += 1
        {call}
"""
    return _network(row, "x = Own()(x)", before)


_COUNT = 'self.count = self.add_weight("count", [], initializer="zeros", trainable=False)'
_TABLE = (
    "self.table = tf.lookup.StaticHashTable(tf.lookup.KeyValueTensorInitializer("
    "tf.range(2, dtype=tf.int64), tf.constant([0.5, 2.0])), 1.0)"
)

_FIRMS = """
import os
import tensorflow_transform as tft

FIRMS = os.path.join(os.path.dirname(__file__), "firms.txt")
with open(FIRMS, "w") as file:
    file.write("Red\\nBlue\\n")


def firms():
    word, place = tf.lookup.TextFileIndex.WHOLE_LINE, tf.lookup.TextFileIndex.LINE_NUMBER
    file = tf.lookup.TextFileInitializer(FIRMS, tf.string, word, tf.int64, place)
    return tf.lookup.StaticHashTable(file, -1)
"""

USER_MADE: dict[str, UserMade] = {
    # What is another thing with each tracing.
    "constant_of_each_tracing": _layer("parity", "return x * (1 + 0.1 * Own.calls)"),
    "random_of_python": _layer("parity", "return x * (1 + random.random())"),
    # What is on in training only.
    "dropout_left_on": _network("parity", "x = layers.Dropout(0.3)(x, training=True)"),
    "noise_left_on": _network("parity", "x = layers.GaussianNoise(1e-2)(x, training=True)"),
    "batch_normalization_on": _network(
        "graph", "x = layers.BatchNormalization()(x, training=True)"
    ),
    # What others are asked about at the same time: as parity asks, so the reference was asked.
    "mean_of_the_batch": _layer("sizes", "return x - tf.reduce_mean(x, axis=0)"),
    "attention_to_other_rows": _layer(
        "sizes", "return x + tf.matmul(tf.nn.softmax(tf.matmul(x, x, transpose_b=True)), x)"
    ),
    "room_for_32": _layer(
        "sizes", "return tf.where(tf.range(tf.shape(x)[0])[:, None] < 32, x, tf.zeros_like(x))"
    ),
    "by_its_place": _layer(
        "sizes", "return x + 0.01 * tf.cast(tf.range(tf.shape(x)[0]), tf.float32)[:, None]"
    ),
    "mean_for_missing": _fare(
        "sizes",
        "tf.where(tf.math.is_nan(fare), tf.reduce_mean(tf.where(tf.math.is_nan(fare), 0.0, fare)),"
        " fare)",
    ),
    "rank_in_the_batch": _fare("sizes", "tf.cast(tf.argsort(tf.argsort(fare)), tf.float32)"),
    "word_of_the_batch": _preprocess(
        "sizes", 'features["firm"] = tf.cast(tf.unique(features["company"])[1], tf.int64)'
    ),
    # What a request leaves behind, or finds.
    "counts_calls": _layer(
        "graph", "return x * (1 + 0.001 * self.count.assign_add(1.0))", build=_COUNT
    ),
    "prints_its_input": _network(
        "graph", "x = layers.Lambda(lambda v: [tf.print(v), v][1] * 1.0)(x)"
    ),
    "reads_the_clock": _fare("graph", "fare + tf.cast(tf.timestamp() % 3.0, tf.float32)"),
    "left_to_chance": _fare("parity", "fare + tf.random.normal(tf.shape(fare))"),
    "calls_python": _layer(
        "graph",
        "return tf.ensure_shape(tf.py_function(lambda v: v * 2, [x], tf.float32), [None, 8])",
    ),
    "calls_numpy": _layer(
        "graph",
        "return tf.ensure_shape(tf.numpy_function(lambda v: v * np.float32(2), [x], tf.float32),"
        " [None, 8])",
    ),
    "reads_a_file": _layer(
        "graph", "return x * tf.cast(tf.strings.length(tf.io.read_file(__file__)) > 9, tf.float32)"
    ),
    "file_with_each_request": _preprocess(
        "graph", 'features["firm"] = firms().lookup(features["company"])', _FIRMS
    ),
    # Right ones.
    "own_table": _layer(None, "return x * self.table.lookup(tf.cast(x > 0, tf.int64))", _TABLE),
    "bfloat16_inside": _network(
        None,
        'x = layers.Lambda(lambda v: tf.cast(v, tf.float32))(layers.Dense(8, dtype="bfloat16")(x))',
    ),
    "words_of_a_file": _preprocess(
        None,
        'table = tft.make_and_track_object(firms, "firms")\n'
        '    features["firm"] = table.lookup(features["company"])',
        _FIRMS,
    ),
    "constant_of_python": _fare(None, "fare + float(time.time() % 100)"),
    "off_when_served": _network(
        None,
        "x = layers.AlphaDropout(0.2)(layers.GaussianNoise(0.1)(layers.BatchNormalization()(x)))",
    ),
}
"""By name."""
