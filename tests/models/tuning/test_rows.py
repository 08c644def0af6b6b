"""Examples in memory are those of the shards."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from models.training import inputs
from models.training.options import TrainingOptions
from models.transform_graph import TransformGraph
from models.tuning.rows import Rows, Sparse, Streamed, load
from tests.fashion_mnist import DECLARATION


def test_batches_are_full_differ_by_epoch_and_hold_each_example_once(shards, transform_graph):
    transform = TransformGraph(transform_graph, DECLARATION)
    rows = load(shards["train"], transform.parse)
    assert isinstance(rows, Rows)
    options = TrainingOptions(epochs=2, batch_size=100)

    batches = list(rows.batches(options, 3))

    assert [len(labels) for _, labels in batches] == [100] * 6
    epochs = [np.concatenate([labels for _, labels in batches[at : at + 3]]) for at in (0, 3)]
    assert not np.array_equal(*epochs)
    [expected] = [np.concatenate(list(inputs.labels(shards["train"], transform.parse)))]
    assert all(sorted(each) == sorted(expected) for each in epochs)


@pytest.mark.medium
def test_evaluation_has_the_order_of_the_shards(shards, transform_graph):
    transform = TransformGraph(transform_graph, DECLARATION)
    rows = load(shards["eval"], transform.parse)

    [(features, labels)] = rows.evaluation()
    [(expected, right)] = inputs.evaluation_batches(shards["eval"], transform.parse)

    assert np.array_equal(labels, right)
    for name, values in features.items():
        assert np.array_equal(values, expected[name])


@pytest.mark.medium
def test_what_does_not_fit_is_read_from_its_shards(shards, transform_graph):
    transform = TransformGraph(transform_graph, DECLARATION)
    rows = load(shards["train"], transform.parse, most_bytes=1000)

    assert isinstance(rows, Streamed)
    assert rows.examples == 300
    batches = list(rows.batches(TrainingOptions(epochs=1, batch_size=100), 3))
    assert [len(labels) for _, labels in batches] == [100] * 3


@pytest.mark.medium
@settings(max_examples=50, deadline=None)
@given(st.data())
def test_rows_of_a_sparse_matrix_are_those_of_a_dense_one(data):
    dense = np.array(
        data.draw(
            st.lists(st.lists(st.integers(0, 2), min_size=4, max_size=4), min_size=1, max_size=8)
        )
    )
    cut = data.draw(st.integers(0, len(dense)))
    parts = [tf.sparse.from_dense(part) for part in (dense[:cut], dense[cut:]) if len(part)]
    places = np.array(data.draw(st.lists(st.integers(0, len(dense) - 1), min_size=1, max_size=9)))

    taken = Sparse(parts).take(places)

    found = tf.sparse.to_dense(taken).numpy()
    wanted = dense[places]
    assert np.array_equal(np.pad(found, ((0, 0), (0, 4 - found.shape[1]))), wanted)


def test_an_empty_split_says_so(tmp_path):
    path = str(tmp_path / "none")
    tf.io.TFRecordWriter(path).close()

    with pytest.raises(inputs.InputsError, match="split is empty"):
        load(
            [path],
            lambda examples: ({"a": tf.strings.length(examples)}, tf.strings.length(examples)),
        )
