"""Answers that depend on what was asked before, on the clock, or on chance."""

from __future__ import annotations

import tensorflow as tf

from tests import fashion_mnist as features
from tests.components.serving_check.mutants.registry import wrong
from tests.components.serving_check.mutants.surgery import (
    EVERY,
    IMAGE_BYTES,
    SERVING_DEFAULT,
    Surgery,
    count,
    indices,
    turned,
)


def _counted(model: Surgery, when, signatures=EVERY, step: int = 1) -> None:
    """Turns the answers when the number of calls, this one included, is so."""
    calls = model.variable("calls", 0)

    def change(p: tf.Tensor) -> tf.Tensor:
        now = _added(calls, step)
        return tf.where(when(now), turned(p), p)

    model.probabilities(change, signatures)


def _added(resource: tf.Tensor, step: int) -> tf.Tensor:
    with tf.control_dependencies(
        [tf.raw_ops.AssignAddVariableOp(resource=resource, value=tf.constant(step))]
    ):
        return tf.raw_ops.ReadVariableOp(resource=resource, dtype=tf.int32)


@wrong("graph", "wrong from the fourth call on")
def after_3_calls(model: Surgery) -> None:
    _counted(model, lambda calls: calls > 3)


@wrong("graph", "wrong from the 51st call on")
def after_50_calls(model: Surgery) -> None:
    _counted(model, lambda calls: calls > 50)


@wrong("graph", "wrong from the 501st picture file on")
def after_500_files(model: Surgery) -> None:
    _counted(model, lambda calls: calls > 500, [IMAGE_BYTES])


@wrong("graph", "wrong from the 5,001st call on")
def after_5000_calls(model: Surgery) -> None:
    _counted(model, lambda calls: calls > 5_000)


@wrong("graph", "wrong from the millionth call on")
def after_a_million_calls(model: Surgery) -> None:
    _counted(model, lambda calls: calls > 1_000_000)


@wrong("graph", "every hundredth call is wrong")
def every_hundredth(model: Surgery) -> None:
    _counted(model, lambda calls: tf.equal(calls % 100, 0))


@wrong("graph", "every other call is wrong")
def alternating(model: Surgery) -> None:
    _counted(model, lambda calls: tf.equal(calls % 2, 1))


@wrong("graph", "the first call after the warm-up is wrong")
def first_call(model: Surgery) -> None:
    """The warm-up file asks serving_default twice."""
    _counted(model, lambda calls: tf.equal(calls, 3), [SERVING_DEFAULT])


@wrong("graph", "the answer is that to the picture before")
def remembers(model: Surgery) -> None:
    last = model.variable("last", [[0.1] * 10])

    def change(p: tf.Tensor) -> tf.Tensor:
        before = tf.raw_ops.ReadVariableOp(resource=last, dtype=tf.float32)
        with tf.control_dependencies([before]):
            first = tf.cond(count(p) > 0, lambda: p[:1], lambda: tf.identity(before))
            kept = tf.raw_ops.AssignVariableOp(resource=last, value=first)
        with tf.control_dependencies([kept]):
            return tf.concat([before[: count(p)], p[1:]], axis=0)

    model.probabilities(change)


@wrong("graph", "every call makes the answers a little less sure")
def drifts(model: Surgery) -> None:
    calls = model.variable("calls", 0)
    model.probabilities(
        lambda p: p + (0.1 - p) * tf.minimum(tf.cast(_added(calls, 1), tf.float32) * 1e-7, 1.0)
    )


@wrong("graph", "a weight grows with every call")
def learns(model: Surgery) -> None:
    [bias] = [op for op in model.graph.get_operations() if op.name == "bias"]

    def change(p: tf.Tensor) -> tf.Tensor:
        # After the answer, as an optimiser would.
        with tf.control_dependencies([p]):
            grown = tf.raw_ops.AssignAddVariableOp(
                resource=bias.outputs[0], value=tf.reduce_mean(p - 0.1, axis=0) * 1e-9
            )
        with tf.control_dependencies([grown]):
            return tf.identity(p)

    model.probabilities(change, [SERVING_DEFAULT])


@wrong("parity", "noise of a thousandth")
def noise(model: Surgery) -> None:
    model.probabilities(lambda p: p + tf.random.uniform(tf.shape(p), -1e-3, 1e-3))


@wrong("parity", "noise of a ten-thousandth, seeded, from picture files")
def seeded_noise(model: Surgery) -> None:
    model.probabilities(
        lambda p: p + tf.random.stateless_normal(tf.shape(p), seed=[1, 2]) * 1e-4, [IMAGE_BYTES]
    )


@wrong("parity", "dropout is on")
def dropout(model: Surgery) -> None:
    model.probabilities(lambda p: tf.nn.softmax(tf.nn.dropout(tf.math.log(p + 1e-30), rate=0.1)))


@wrong("steady answers", "one answer in a hundred is wrong by chance")
def seldom(model: Surgery) -> None:
    model.probabilities(lambda p: tf.where(tf.random.uniform([]) < 1e-2, turned(p), p))


@wrong("graph", "wrong in every third second")
def clock(model: Surgery) -> None:
    model.probabilities(
        lambda p: tf.where(tf.equal(tf.cast(tf.timestamp(), tf.int64) % 3, 0), turned(p), p)
    )


@wrong("graph", "wrong from next year on")
def next_year(model: Surgery) -> None:
    model.probabilities(lambda p: tf.where(tf.timestamp() > 1.9e9, turned(p), p))


@wrong("graph", "wrong when it is loaded for the second time")
def second_load(model: Surgery) -> None:
    """It leaves a file on the server's disk."""
    path = str(model.folder) + ".seen"
    seen = model.variable("seen", 0)
    with model.graph.as_default():
        written = tf.raw_ops.MatchingFiles(pattern=path)
        with tf.control_dependencies([written]):
            first = tf.raw_ops.WriteFile(filename=path, contents="seen")
        loaded = tf.raw_ops.AssignVariableOp(resource=seen, value=tf.size(written))
        # The variable's own initialiser comes first.
        loaded._add_control_inputs(model._at_load)
        model.at_load(first)
        model.at_load(loaded)

    model.probabilities(
        lambda p: tf.where(
            tf.raw_ops.ReadVariableOp(resource=seen, dtype=tf.int32) > 0, turned(p), p
        )
    )


@wrong("graph", "its table of labels is read from a path of this machine")
def absolute_table(model: Surgery) -> None:
    """The answers are right, here."""
    path = model.folder.parent / "labels.txt"
    path.write_text("\n".join(features.LABELS))
    with model.graph.as_default():
        table = tf.lookup.StaticHashTable(
            tf.lookup.TextFileInitializer(
                str(path),
                tf.int64,
                tf.lookup.TextFileIndex.LINE_NUMBER,
                tf.string,
                tf.lookup.TextFileIndex.WHOLE_LINE,
            ),
            "",
        )
        model.at_load(table._init_op)
    model.output("label", lambda label: table.lookup(indices(label)))


@wrong("graph", "two requests at once spoil each other")
def crowded(model: Surgery) -> None:
    inside = model.variable("inside", 0)

    def change(p: tf.Tensor) -> tf.Tensor:
        now = _added(inside, 1)
        with tf.control_dependencies([now]):
            answer = tf.where(now > 1, turned(p), p)
            # Long enough for another one to come in.
            busy = tf.reduce_sum(tf.matmul(tf.ones([300, 300]), tf.ones([300, 300])))
        with tf.control_dependencies([answer, busy]):
            out = tf.raw_ops.AssignSubVariableOp(resource=inside, value=tf.constant(1))
        with tf.control_dependencies([out]):
            return tf.identity(answer)

    model.probabilities(change)


@wrong("graph", "every request leaves its picture in the server's memory", harmful=True)
def keeps_everything(model: Surgery) -> None:
    with model.graph.as_default():
        queue = tf.queue.FIFOQueue(10_000_000, [tf.float32])

        def change(p: tf.Tensor) -> tf.Tensor:
            with tf.control_dependencies([queue.enqueue(tf.fill([10_000], p[0, 0]))]):
                return tf.identity(p)

        model.probabilities(change)


@wrong("graph", "wrong as soon as a white picture was seen")
def spoilt_by_white(model: Surgery) -> None:
    seen = model.variable("seen", 0)

    def change(p: tf.Tensor) -> tf.Tensor:
        [info] = model.signatures[SERVING_DEFAULT].inputs.values()
        images = model.graph.get_tensor_by_name(info.name)
        white = tf.reduce_any(tf.reduce_all(tf.equal(images, 255), axis=[1, 2]))
        with tf.control_dependencies(
            [tf.raw_ops.AssignAddVariableOp(resource=seen, value=tf.cast(white, tf.int32))]
        ):
            spoilt = tf.raw_ops.ReadVariableOp(resource=seen, dtype=tf.int32) > 0
        return tf.where(spoilt, turned(p), p)

    model.probabilities(change, [SERVING_DEFAULT])


@wrong("graph", "another process decides: wrong where a variable of its surroundings is set")
def reads_surroundings(model: Surgery) -> None:
    def change(p: tf.Tensor) -> tf.Tensor:
        text = tf.io.read_file("/proc/self/environ")
        found = tf.strings.regex_full_match(text, "(?s).*KUBERNETES.*")
        return tf.where(found, turned(p), p)

    model.probabilities(change, [SERVING_DEFAULT])


@wrong("graph", "writes what it is unsure of to the server's log")
def prints(model: Surgery) -> None:
    def change(p: tf.Tensor) -> tf.Tensor:
        def told() -> tf.Tensor:
            with tf.control_dependencies([tf.print("unsure:", p)]):
                return tf.identity(p)

        return tf.cond(tf.reduce_max(p) < 0.11, told, lambda: tf.identity(p))

    model.probabilities(change)


@wrong("graph", "the server ends where the model is sure of nothing")
def aborts(model: Surgery) -> None:
    def change(p: tf.Tensor) -> tf.Tensor:
        def ended() -> tf.Tensor:
            with tf.control_dependencies([tf.raw_ops.Abort(error_msg="unsure")]):
                return tf.identity(p)

        return tf.cond(tf.reduce_max(p) < 0.1, ended, lambda: tf.identity(p))

    model.probabilities(change)


@wrong("graph", "one load in a thousand is wrong")
def dice_at_load(model: Surgery) -> None:
    thrown = model.variable("thrown", 1)
    with model.graph.as_default():
        value = tf.cast(tf.random.uniform([]) * 1_000, tf.int32)
        kept = tf.raw_ops.AssignVariableOp(resource=thrown, value=value)
        # The variable's own initialiser comes first.
        kept._add_control_inputs(model._at_load)
        model.at_load(kept)
    model.probabilities(
        lambda p: tf.where(
            tf.equal(tf.raw_ops.ReadVariableOp(resource=thrown, dtype=tf.int32), 0), turned(p), p
        )
    )


def generator(model: Surgery) -> tf.Tensor:
    """The resource of a new random generator."""
    with model.graph.as_default():
        handle = tf.raw_ops.VarHandleOp(
            dtype=tf.int64, shape=[3], shared_name="generator", name="generator"
        )
        start = tf.constant([0, 0, 7], tf.int64)
        model.at_load(tf.raw_ops.AssignVariableOp(resource=handle, value=start))
    return handle


def drawn(handle: tf.Tensor) -> tf.Tensor:
    """The generator's state, int64 [3], before something is drawn of it."""
    return tf.raw_ops.RngReadAndSkip(resource=handle, alg=1, delta=tf.constant(1, tf.uint64))


@wrong("graph", "a random generator counts the calls: wrong from the millionth on")
def counted_by_generator(model: Surgery) -> None:
    handle = generator(model)
    model.probabilities(lambda p: tf.where(drawn(handle)[0] > 256_000_000, turned(p), p))
