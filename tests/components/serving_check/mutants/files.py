"""What lies in the folder, and what takes a server down."""

from __future__ import annotations

import shutil
from pathlib import Path

import tensorflow as tf

from tests.components.serving_check.mutants.registry import wrong
from tests.components.serving_check.mutants.surgery import (
    EVERY,
    EXAMPLES,
    SERVING_DEFAULT,
    Surgery,
    at_size,
    count,
)

PB = "saved_model.pb"
DATA = "variables.data-00000-of-00001"


@wrong("loads", "garbage instead of a graph")
def garbage(model: Surgery) -> None:
    model.last(lambda folder: (folder / PB).write_bytes(b"\xff" * 5_000))


@wrong("loads", "the graph's file is empty")
def empty_graph(model: Surgery) -> None:
    model.last(lambda folder: (folder / PB).write_bytes(b""))


@wrong("loads", "the end of the graph's file is missing")
def truncated(model: Surgery) -> None:
    def cut(folder: Path) -> None:
        content = (folder / PB).read_bytes()
        (folder / PB).write_bytes(content[: len(content) * 2 // 3])

    model.last(cut)


@wrong("loads", "no index of the variables")
def no_index(model: Surgery) -> None:
    model.last(lambda folder: (folder / "variables" / "variables.index").unlink())


@wrong("loads", "no variables at all")
def no_variables(model: Surgery) -> None:
    model.last(lambda folder: shutil.rmtree(folder / "variables"))


@wrong("loads", "half of the variables' data")
def half_data(model: Surgery) -> None:
    def cut(folder: Path) -> None:
        file = folder / "variables" / DATA
        content = file.read_bytes()
        file.unlink()
        file.write_bytes(content[: len(content) // 2])

    model.last(cut)


@wrong("loads", "a byte of the variables' data is another one")
def damaged_data(model: Surgery) -> None:
    def damage(folder: Path) -> None:
        file = folder / "variables" / DATA
        content = bytearray(file.read_bytes())
        content[len(content) // 2] ^= 0x40
        file.unlink()
        file.write_bytes(content)

    model.last(damage)


@wrong("loads", "the graph is for training, not for serving")
def other_tag(model: Surgery) -> None:
    del model.meta_graph.meta_info_def.tags[:]
    model.meta_graph.meta_info_def.tags.append("train")


@wrong("loads", "an operation that no server knows")
def unknown_operation(model: Surgery) -> None:
    node = model.meta_graph.graph_def.node.add(name="unknown", op="FashionableSoftmax")
    node.input.append("StatefulPartitionedCall")


@wrong("loads", "it runs on a graphics card, and only there")
def on_gpu(model: Surgery) -> None:
    def placed(p: tf.Tensor) -> tf.Tensor:
        with tf.device("/device:GPU:0"):
            return p + 0.0

    model.probabilities(placed, [EXAMPLES])


@wrong("loads", "an asset that is not there")
def asset_missing(model: Surgery) -> None:
    def written() -> tf.Tensor:
        with model.graph.as_default():
            return tf.constant("labels.txt", name="labels_file")

    file = written()
    with model.graph.as_default():
        lines = tf.strings.split([tf.io.read_file(file)], "\n").values
    model.output("label", lambda label: lines[: count(label)], [EXAMPLES])
    definition = model.meta_graph.asset_file_def.add(filename="labels.txt")
    definition.tensor_info.name = file.name


@wrong("loads", "the table of the labels is never filled")
def table_not_filled(model: Surgery) -> None:
    with model.graph.as_default():
        table = tf.raw_ops.HashTableV2(
            key_dtype=tf.string, value_dtype=tf.string, shared_name="labels"
        )

    def looked_up(label: tf.Tensor) -> tf.Tensor:
        return tf.ensure_shape(
            tf.raw_ops.LookupTableFindV2(table_handle=table, keys=label, default_value=""), [None]
        )

    model.output("label", looked_up, [EXAMPLES])


@wrong("graph", "runs Python code of the machine that saved it, for very large batches")
def python_code(model: Surgery) -> None:
    def called(p: tf.Tensor) -> tf.Tensor:
        found = tf.raw_ops.PyFunc(input=[p], token="pyfunc_0", Tout=[tf.float32])[0]
        return tf.ensure_shape(found, [None, 10])

    model.probabilities(at_size(lambda n: n > 100_000, called), [SERVING_DEFAULT])


@wrong("graph", "reads the labels from a file of this machine")
def absolute_path(model: Surgery) -> None:
    """The answers are right, here."""
    path = model.folder.parent / "labels.txt"

    def read(label: tf.Tensor) -> tf.Tensor:
        return label + tf.strings.substr(tf.io.read_file(str(path)), 0, 0)

    model.last(lambda folder: path.write_text("here"))
    model.output("label", read, [EXAMPLES])


@wrong("graph", "writes every answer to a file")
def writes_files(model: Surgery) -> None:
    path = str(model.folder.parent / "answers.txt")

    def written(p: tf.Tensor) -> tf.Tensor:
        text = tf.strings.reduce_join(tf.strings.as_string(p))
        with tf.control_dependencies([tf.raw_ops.WriteFile(filename=path, contents=text)]):
            return tf.identity(p)

    model.probabilities(written, [SERVING_DEFAULT])


def _endless(p: tf.Tensor) -> tf.Tensor:
    """As many steps as take minutes."""
    steps = tf.while_loop(
        lambda i, x: i < 2**40,
        lambda i, x: [i + 1, x * 1.0000001],
        [tf.constant(0, tf.int64), tf.constant(1.0)],
    )
    return tf.where(steps[0] < 0, 0.0, p)


@wrong("sizes", "a batch of 33 takes minutes", harmful=True)
def endless_at_33(model: Surgery) -> None:
    model.probabilities(at_size(lambda n: tf.equal(n, 33), _endless), [SERVING_DEFAULT])


@wrong("loads", "the warm-up never ends", harmful=True)
def endless(model: Surgery) -> None:
    """It waits for what never comes, and takes no processor for it."""
    with model.graph.as_default():
        queue = tf.queue.FIFOQueue(1, [tf.float32], [[]])
    model.probabilities(lambda p: p + queue.dequeue(), [EXAMPLES])


@wrong("latency p50", "every answer takes a fifth of a second", harmful=True)
def slow(model: Surgery) -> None:
    def waits(p: tf.Tensor) -> tf.Tensor:
        ones = tf.ones([600, 600])
        spent = tf.while_loop(
            lambda i, x: i < 150, lambda i, x: [i + 1, tf.matmul(x, ones) / 600], [0, ones]
        )
        return p + 0 * spent[1][0, 0]

    model.probabilities(waits, [SERVING_DEFAULT])


@wrong("memory", "a large batch takes two gigabytes", harmful=True)
def greedy(model: Surgery) -> None:
    def large(p: tf.Tensor) -> tf.Tensor:
        numbers = tf.fill([500_000_000], p[0, 0])
        # Nothing, but no optimiser knows.
        return p + (tf.reduce_max(numbers) - p[0, 0])

    model.probabilities(at_size(lambda n: n > 500, large), [SERVING_DEFAULT])


def _abort(p: tf.Tensor) -> tf.Tensor:
    with tf.control_dependencies([tf.raw_ops.Abort(error_msg="the kernel gave up")]):
        return tf.identity(p)


@wrong("loads", "the server dies of the warm-up", harmful=True)
def kills(model: Surgery) -> None:
    model.probabilities(_abort, EVERY)


@wrong("sizes", "the server dies of five pictures", harmful=True)
def kills_at_five(model: Surgery) -> None:
    model.probabilities(at_size(lambda n: tf.equal(n, 5), _abort), [SERVING_DEFAULT])


@wrong("loads", "the graph asks for a TensorFlow of the far future")
def of_the_future(model: Surgery) -> None:
    model.meta_graph.graph_def.versions.min_consumer = 1_000_000
