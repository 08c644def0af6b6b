"""What two operations of a request use in no order."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import tensorflow as tf

from components.serving_check.checks.races import races

v1 = tf.compat.v1


def found(body: Callable[[tf.Tensor], object]) -> set[str]:
    """Kinds of the operations that are told of a graph of TensorFlow 1."""
    with tf.Graph().as_default() as graph:
        body(v1.placeholder(tf.float32, [None, 3], "x"))
    return {node.op for node in races([graph.as_graph_def().node])}


def of_function(body: Callable[[tf.Tensor], object]) -> set[str]:
    """Kinds of those in the bodies of functions of TensorFlow 2."""
    spec = tf.TensorSpec([None, 3], tf.float32)
    graph = tf.function(body, [spec]).get_concrete_function().graph.as_graph_def()
    bodies = [graph.node, *(function.node_def for function in graph.library.function)]
    return {node.op for node in races(bodies)}


@pytest.fixture
def control_flow_of_1():
    v1.disable_control_flow_v2()
    yield
    v1.enable_control_flow_v2()


def array():
    return tf.raw_ops.TensorArrayV3(size=1, dtype=tf.float32, element_shape=[3])


def written(x, made, flow):
    handle, _ = made
    return tf.raw_ops.TensorArrayWriteV3(handle=handle, index=0, value=x[0], flow_in=flow)


def read(made, flow):
    return tf.raw_ops.TensorArrayReadV3(handle=made[0], index=0, flow_in=flow, dtype=tf.float32)


def of_two_outputs(x):
    made = array()
    written(x, made, made[1])
    read(made, made[1])


def sized_meanwhile(x):
    made = array()
    written(x, made, made[1])
    tf.raw_ops.TensorArraySizeV3(handle=tf.identity(made[0]), flow_in=made[1])


def on_a_stack(x):
    handle = tf.raw_ops.StackV2(max_size=2, elem_type=tf.float32)
    tf.raw_ops.StackPushV2(handle=handle, elem=x)
    tf.raw_ops.StackPopV2(handle=handle, elem_type=tf.float32)


def two_of_an_iterator(x):
    variant = tf.data.Dataset.range(2)._variant_tensor
    kinds = {"output_types": [tf.int64], "output_shapes": [[]]}
    handle = tf.raw_ops.AnonymousIteratorV3(**kinds)
    with tf.control_dependencies([tf.raw_ops.MakeIterator(dataset=variant, iterator=handle)]):
        for _ in range(2):
            tf.raw_ops.IteratorGetNext(iterator=handle, **kinds)


def mapped(x, **order):
    rows = tf.data.Dataset.from_tensor_slices(x)
    return rows.map(lambda row: row * 2, num_parallel_calls=2, **order)


def with_options(dataset, **chosen):
    options = tf.data.Options()
    for name, value in chosen.items():
        setattr(options, name, value)
    return dataset.with_options(options)


def of_older_versions(sloppy):
    rows = tf.data.Dataset.range(3)
    tf.raw_ops.ParallelInterleaveDataset(
        **{"input_dataset": rows._variant_tensor, "other_arguments": [], "sloppy": sloppy},
        **{"cycle_length": 2, "block_length": 1, "buffer_output_elements": 1},
        **{"prefetch_input_elements": 1, "output_types": [tf.int64], "output_shapes": [[]]},
        f=tf.function(lambda i: tf.data.Dataset.range(i)._variant_tensor).get_concrete_function(
            tf.TensorSpec([], tf.int64)
        ),
    )


@pytest.mark.parametrize(
    "body",
    [
        *(mapped, lambda x: mapped(x, deterministic=True)),
        lambda x: with_options(mapped(x), deterministic=True),
        lambda x: with_options(mapped(x), experimental_slack=True),
        lambda x: of_older_versions(False),
        lambda x: tf.nn.fractional_avg_pool(x[None, :, :, None], [1.0, 1.0, 1.5, 1.0], seed=1),
    ],
)
def test_datasets_that_keep_to_their_order_pass(body):
    assert found(body) == set()


@pytest.mark.parametrize(
    ("body", "operation"),
    [
        (of_two_outputs, "TensorArrayWriteV3"),
        (sized_meanwhile, "TensorArrayWriteV3"),
        (on_a_stack, "StackPushV2"),
        (two_of_an_iterator, "IteratorGetNext"),
        (lambda x: tf.raw_ops.Merge(inputs=[x, x * 2]), "Merge"),
        (lambda x: mapped(x, deterministic=False), "ParallelMapDatasetV2"),
        (lambda x: with_options(mapped(x), deterministic=False), "OptionsDataset"),
        (lambda x: of_older_versions(True), "ParallelInterleaveDataset"),
        (lambda x: of_older_versions(tf.timestamp() > 0), "ParallelInterleaveDataset"),
    ],
)
def test_what_nothing_puts_in_order_is_told(body, operation):
    assert operation in found(body)


def one_after_another(x):
    made = array()
    read(made, written(x, made, made[1]))


def waiting(x):
    made = array()
    with tf.control_dependencies([written(x, made, made[1])]):
        read(made, made[1])


def read_twice(x):
    made = array()
    flow = written(x, made, made[1])
    read(made, flow), read(made, flow)


def of_its_own(x):
    for _ in range(2):
        one_after_another(x)


@pytest.mark.parametrize("body", [one_after_another, waiting, read_twice, of_its_own])
def test_what_waits_for_the_other_is_in_order(body):
    assert found(body) == set()


def looped(x):
    return v1.while_loop(lambda i, _: i < 3, lambda i, y: (i + 1, y * 2), (0, x))[1]


def with_a_gradient(x):
    return v1.gradients(looped(x), x)


def branches(x):
    inner = lambda: v1.cond(x[0, 0] > 1, lambda: tf.constant(1.0), lambda: tf.constant(2.0))  # noqa: E731
    return v1.cond(x[0, 0] > 0, inner, lambda: x[0, 0])


def recurrent(x):
    cell = v1.nn.rnn_cell.BasicRNNCell(2)
    return v1.nn.dynamic_rnn(cell, x[:, None], dtype=tf.float32)


@pytest.mark.medium
@pytest.mark.usefixtures("control_flow_of_1")
@pytest.mark.parametrize(
    "body",
    [
        *(looped, with_a_gradient, branches),
        lambda x: tf.map_fn(lambda row: row * 2, x),
        lambda x: v1.gradients(tf.map_fn(lambda row: row * row, x), x),
        lambda x: tf.scan(lambda a, b: a + b, x),
        lambda x: v1.case([(x[0, 0] > 0, lambda: x), (x[0, 1] > 0, lambda: -x)], lambda: x + 1),
    ],
)
def test_loops_and_branches_of_tensorflow_1_are_in_order(body):
    assert found(body) == set()


def taken_in_turn(x):
    each = iter(tf.data.Dataset.range(3))
    return x + tf.cast(next(each) + next(each), tf.float32)


def kept(x):
    values = tf.TensorArray(tf.float32, 2, element_shape=[3])
    return values.write(0, x[0]).write(1, x[1]).stack()


@pytest.mark.medium
@pytest.mark.parametrize(
    "body",
    [
        *(taken_in_turn, kept),
        lambda x: tf.map_fn(lambda row: row * 2, x),
        lambda x: tf.cond(tf.size(x) > 3, lambda: kept(x), lambda: x[:2]),
    ],
)
def test_functions_of_tensorflow_2_are_in_order(body):
    assert of_function(body) == set()
