"""Wrong for who asks otherwise, or on a busy machine: operations of one request in no order."""

from __future__ import annotations

import tensorflow as tf

from tests.components.serving_check.mutants.registry import right, wrong
from tests.components.serving_check.mutants.surgery import EXAMPLES, Surgery, Tensors, turned


@wrong("graph", "tf.Examples: who asks for the probabilities alone gets those of another label")
def asked_alone(model: Surgery) -> None:
    def change(answer: Tensors) -> Tensors:
        handle, flow = tf.raw_ops.TensorArrayV3(size=1, dtype=tf.float32, element_shape=[])
        written = tf.raw_ops.TensorArrayWriteV3(handle=handle, index=0, value=1.0, flow_in=flow)
        probabilities = answer["probabilities"]
        # When the network is done, what nothing waits for is done, too.
        with tf.control_dependencies([probabilities]):
            told = tf.raw_ops.TensorArrayReadV3(
                handle=handle, index=0, flow_in=flow, dtype=tf.float32
            )
        with tf.control_dependencies([written]):
            label = tf.identity(answer["label"])
        right = tf.where(told > 0, probabilities, turned(probabilities))
        return {**answer, "label": label, "probabilities": right}

    model.answers(change, [EXAMPLES])


@wrong("graph", "the right answer only as long as it is there before another one")
def whichever_is_first(model: Surgery) -> None:
    def change(p: tf.Tensor) -> tf.Tensor:
        late = p
        for _ in range(50):
            late = tf.linalg.matmul(late, tf.eye(10))
        return tf.ensure_shape(tf.raw_ops.Merge(inputs=[p, turned(late)]).output, [None, 10])

    model.probabilities(change)


@right("loops and branches of TensorFlow 1")
def loops_of_tensorflow_1(model: Surgery) -> None:
    def change(p: tf.Tensor) -> tf.Tensor:
        few = tf.compat.v1.cond(tf.shape(p)[0] > 3, lambda: p * 1.0, lambda: p + 0.0)
        return tf.ensure_shape(tf.map_fn(lambda row: row * 1.0, few), [None, 10])

    tf.compat.v1.disable_control_flow_v2()
    try:
        model.probabilities(change)
    finally:
        tf.compat.v1.enable_control_flow_v2()
