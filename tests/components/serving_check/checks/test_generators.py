"""What is made of a generator's state, found in nodes of a graph."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import tensorflow as tf
from tensorflow.core.framework import graph_pb2

from components.serving_check.checks.generators import counting


def nodes(body: Callable[[tf.random.Generator], tf.Tensor]) -> graph_pb2.GraphDef:
    """Of a function that has a generator, as TensorFlow traces it."""
    generator = tf.random.Generator.from_seed(1)
    traced = tf.function(lambda: body(generator), autograph=False).get_concrete_function()
    return traced.graph.as_graph_def()


def found(body: Callable[[tf.random.Generator], tf.Tensor]) -> list[str]:
    graph = nodes(body)
    bodies = [graph.node, *(function.node_def for function in graph.library.function)]
    return [node.op for node in counting(bodies)]


@pytest.mark.parametrize(
    "draw",
    [
        lambda generator: generator.normal([3]),
        lambda generator: generator.uniform([], maxval=9, dtype=tf.int32),
        lambda generator: tf.cond(
            tf.timestamp() > 0, lambda: generator.normal([2]), lambda: tf.zeros([2])
        ),
    ],
)
def test_what_only_draws_is_left_to_chance(draw):
    assert found(draw) == []


def test_what_computes_with_the_counter_is_found():
    def counted(generator: tf.random.Generator) -> tf.Tensor:
        return generator.skip(1) + tf.cast(generator.normal([]), tf.int64)

    assert "AddV2" in found(counted)


def test_what_reads_the_state_as_a_variable_is_found():
    def looked_at(generator: tf.random.Generator) -> tf.Tensor:
        with tf.control_dependencies([generator.normal([])]):
            return generator.state[0]

    assert "ReadVariableOp" in found(looked_at)


def test_what_a_model_reshapes_beside_a_draw_is_nobodys_state():
    shape = tf.Variable([1, 2])

    def beside(generator: tf.random.Generator) -> tf.Tensor:
        return generator.normal([2]) + tf.cast(tf.reshape(shape, [2]), tf.float32)

    assert found(beside) == []


def test_numbers_of_a_model_without_a_generator_are_nobodys_state():
    count = tf.Variable(0, dtype=tf.int64)
    graph = tf.function(lambda: count + 1).get_concrete_function().graph.as_graph_def()
    assert "ReadVariableOp" in [node.op for node in graph.node]
    assert [*counting([graph.node])] == []


def test_the_order_of_nodes_does_not_matter():
    graph = nodes(lambda generator: generator.skip(1) * 2)
    backwards = [*reversed(graph.node)]
    assert {node.name for node in counting([backwards])} == {
        node.name for node in counting([graph.node])
    }
