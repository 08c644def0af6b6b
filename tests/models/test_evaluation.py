from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from models.evaluation import evaluate
from models.training.inputs import InputsError
from models.transform_graph import TransformGraph
from tests.fashion_mnist import DECLARATION

Shards = dict[str, list[str]]


def by_brightest_row(features: dict[str, tf.Tensor]) -> tf.Tensor:
    """Right for all but label 9, which it takes for 0."""
    rows = tf.argmax(tf.reduce_sum(features["image"], axis=[2, 3]), axis=1)
    return tf.one_hot((rows - 4) // 2 % 9, 10)


@pytest.mark.medium
def test_counts_what_is_taken_for_what(shards: Shards, transform_graph: str) -> None:
    parse = TransformGraph(transform_graph, DECLARATION).parse
    evaluation = evaluate(by_brightest_row, shards["eval"], parse)
    wanted = np.diag([6] * 9 + [0])
    wanted[9, 0] = 6
    assert np.array_equal(evaluation.confusion, wanted)
    assert evaluation.predictions.shape == (60, 10)


def test_stops_at_the_limit(shards: Shards, transform_graph: str) -> None:
    parse = TransformGraph(transform_graph, DECLARATION).parse
    evaluation = evaluate(by_brightest_row, shards["eval"], parse, limit=9)
    assert evaluation.labels.tolist() == list(range(9))
    assert np.array_equal(evaluation.predictions.argmax(axis=1), evaluation.labels)


def test_says_when_there_is_nothing_to_evaluate(shards: Shards, transform_graph: str) -> None:
    parse = TransformGraph(transform_graph, DECLARATION).parse
    with pytest.raises(InputsError, match="The eval split is empty"):
        evaluate(by_brightest_row, shards["eval"], parse, limit=0)
