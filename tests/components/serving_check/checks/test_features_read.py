"""Features of tf.Examples that a graph looks for, whatever it is that looks for them."""

from __future__ import annotations

import pytest
import tensorflow as tf

from components.serving_check.checks.features_read import features_read

ONE = tf.io.FixedLenFeature([], tf.float32, default_value=0.0)
ANY = tf.io.VarLenFeature(tf.string)
RAGGED = tf.io.RaggedFeature(tf.int64)


def found(body):
    spec = tf.TensorSpec([None], tf.string)
    graph = tf.function(body, input_signature=[spec], autograph=False).get_concrete_function()
    defined = graph.graph.as_graph_def()
    bodies = [defined.node, *(each.node_def for each in defined.library.function)]
    return sorted({name for name, _ in features_read(bodies)})


@pytest.mark.parametrize(
    "body",
    [
        lambda x: tf.io.parse_example(x, {"stripes": ONE, "zebra": ANY, "zoo": RAGGED}),
        lambda x: tf.map_fn(
            lambda each: (
                tf.io.parse_single_example(each, {"stripes": ONE, "zebra": ONE})["zebra"]
                + tf.io.parse_single_example(each, {"zoo": ONE})["zoo"]
            ),
            x,
            fn_output_signature=tf.float32,
        ),
        lambda x: tf.io.parse_sequence_example(x, {"stripes": ONE, "zebra": ANY}, {"zoo": ANY}),
        lambda x: tf.raw_ops.ParseExample(
            serialized=x,
            names=[],
            sparse_keys=["stripes"],
            dense_keys=["zebra", "zoo"],
            dense_defaults=[[0.0], [""]],
            sparse_types=[tf.int64],
            dense_shapes=[[], []],
        ),
        lambda x: tf.data.experimental.get_single_element(
            tf.data.Dataset.from_tensors(x).apply(
                tf.data.experimental.parse_example_dataset(
                    {"stripes": ONE, "zebra": ANY, "zoo": RAGGED}
                )
            )
        )["stripes"],
    ],
)
def test_each_name_that_is_looked_for_is_found(body):
    assert found(body) == ["stripes", "zebra", "zoo"]


def test_texts_that_name_no_feature_are_none():
    assert found(lambda x: tf.strings.join([x, "zebra"])) == []
