"""Right models that look odd; each must pass."""

from __future__ import annotations

import shutil
from pathlib import Path

import tensorflow as tf

from tests import fashion_mnist as features
from tests.components.serving_check.mutants.registry import right
from tests.components.serving_check.mutants.surgery import (
    EVERY,
    EXAMPLES,
    IMAGE_BYTES,
    NAMED,
    SERVING_DEFAULT,
    Surgery,
    count,
    following,
    indices,
)


@right("nothing was changed")
def the_real_one(model: Surgery) -> None:
    pass


@right("outputs in another order")
def other_order(model: Surgery) -> None:
    for name in NAMED:
        outputs = model.signatures[name].outputs
        kept = {
            key: type(value).FromString(value.SerializeToString()) for key, value in outputs.items()
        }
        outputs.clear()
        for key in sorted(kept, reverse=True):
            outputs[key].CopyFrom(kept[key])


@right("more outputs where clients get objects anyway")
def more_outputs(model: Surgery) -> None:
    model.answers(
        lambda a: {
            **a,
            "logits": tf.math.log(a["probabilities"] + 1e-30),
            "index": indices(a["label"]),
        },
        NAMED,
    )


@right("nodes have other names")
def renamed_nodes(model: Surgery) -> None:
    outputs = ("StatefulPartitionedCall", "PartitionedCall")
    new = {
        node.name: f"renamed/{node.name.replace('Call', 'Ruf')}"
        for node in model.meta_graph.graph_def.node
        if node.op in outputs
    }
    for node in model.meta_graph.graph_def.node:
        for index, each in enumerate(node.input):
            name, colon, port = each.partition(":")
            bare = name.lstrip("^")
            if bare in new:
                node.input[index] = name.replace(bare, new[bare]) + colon + port
        node.name = new.get(node.name, node.name)
    for signature in model.signatures.values():
        for info in signature.outputs.values():
            name, colon, port = info.name.partition(":")
            info.name = new.get(name, name) + colon + port
    saver = model.meta_graph.saver_def
    saver.restore_op_name = new.get(saver.restore_op_name, saver.restore_op_name)
    name, colon, port = saver.save_tensor_name.partition(":")
    saver.save_tensor_name = new.get(name, name) + colon + port


@right("nodes in reverse order in the file")
def reversed_nodes(model: Surgery) -> None:
    nodes = list(model.meta_graph.graph_def.node)
    copies = [type(node).FromString(node.SerializeToString()) for node in reversed(nodes)]
    del model.meta_graph.graph_def.node[:]
    model.meta_graph.graph_def.node.extend(copies)


@right("stateless dropout, off")
def dropout_off(model: Surgery) -> None:
    with model.graph.as_default():
        training = tf.compat.v1.placeholder_with_default(False, [], "training")

    def dropped(p: tf.Tensor) -> tf.Tensor:
        return tf.cond(
            training,
            lambda: tf.nn.experimental.stateless_dropout(p, 0.5, seed=[1, 2]),
            lambda: tf.identity(p),
        )

    model.probabilities(dropped)


@right("dropout with a random generator, off")
def random_dropout_off(model: Surgery) -> None:
    model.probabilities(
        lambda p: tf.cond(tf.constant(False), lambda: tf.nn.dropout(p, 0.5), lambda: tf.identity(p))
    )


@right("computed noise of 1e-7")
def computed_noise(model: Surgery) -> None:
    model.probabilities(lambda p: p + 1e-7 * tf.sin(1e5 * p))


@right("random noise of 1e-7")
def random_noise(model: Surgery) -> None:
    def noisy(p: tf.Tensor) -> tf.Tensor:
        return p + tf.random.uniform(tf.shape(p), -1e-7, 1e-7)

    model.probabilities(noisy)


@right("random noise of 1e-7 in each output by itself")
def noisy_outputs(model: Surgery) -> None:
    for key in ("score", "probabilities", "top_scores"):
        model.output(key, lambda x: x + tf.random.uniform(tf.shape(x), -1e-7, 1e-7))


@right("probabilities by exponentials of logarithms")
def by_logarithms(model: Surgery) -> None:
    def again(p: tf.Tensor) -> tf.Tensor:
        return tf.exp(tf.math.log(tf.maximum(p, 1e-35)))

    model.probabilities(again)


@right("row by row instead of all at once")
def row_by_row(model: Surgery) -> None:
    model.probabilities(
        lambda p: tf.map_fn(lambda row: row / tf.reduce_sum(row), p), [SERVING_DEFAULT]
    )


@right("sorted by brightness and put back again")
def sorted_and_back(model: Surgery) -> None:
    def there_and_back(p: tf.Tensor) -> tf.Tensor:
        order = tf.argsort(p[:, 0])
        return tf.gather(tf.gather(p, order), tf.argsort(order))

    model.probabilities(there_and_back)


@right("padded to a multiple of eight and cut again")
def padded_and_cut(model: Surgery) -> None:
    def padded(images: tf.Tensor) -> tf.Tensor:
        return tf.pad(images, [[0, -count(images) % 8], [0, 0], [0, 0]])[: count(images)]

    model.inputs(padded, [SERVING_DEFAULT])


@right("variables are constants")
def frozen(model: Surgery) -> None:
    """No variables in the graph, and no folder of them."""
    from tensorflow.python.framework.convert_to_constants import (
        convert_variables_to_constants_from_session_graph,
    )

    graph, meta = model.graph, model.meta_graph
    fetched = sorted(
        {
            info.name.partition(":")[0]
            for name in EVERY
            for info in model.signatures[name].outputs.values()
        }
    )
    with tf.compat.v1.Session(graph=graph) as session:
        session.run(
            meta.saver_def.restore_op_name,
            {meta.saver_def.filename_tensor_name: str(model.folder / "variables" / "variables")},
        )
        constants = convert_variables_to_constants_from_session_graph(
            session, graph.as_graph_def(), fetched
        )
    meta.graph_def.CopyFrom(constants)
    meta.ClearField("saver_def")
    # It names an operation that is not among the constants.
    del model.signatures["__saved_model_init_op"]
    meta.collection_def.clear()
    model._graph = None
    model.last(lambda folder: shutil.rmtree(folder / "variables"))


@right("variables and functions that nobody uses")
def unused(model: Surgery) -> None:
    model.variable("nobody_reads_this", [[1.0, float("nan")]])
    with model.graph.as_default():
        tf.function(lambda x: x + 1).get_concrete_function(
            tf.TensorSpec([], tf.float32)
        ).add_to_graph(model.graph)


@right("nodes that lead nowhere: random numbers, a clock, a file")
def dead_nodes(model: Surgery) -> None:
    with model.graph.as_default():
        tf.random.uniform([3])
        tf.timestamp()
        tf.io.read_file("/nowhere/labels.txt")


@right("more signatures")
def more_signatures(model: Surgery) -> None:
    model.signatures["pixels"].CopyFrom(model.signatures[SERVING_DEFAULT])
    extra = model.signatures["labels"]
    extra.CopyFrom(model.signatures[EXAMPLES])
    for key in ("score", "probabilities"):
        del extra.outputs[key]


@right("flags for XLA, and a device that is not here")
def flags(model: Surgery) -> None:
    for function in model.meta_graph.graph_def.library.function:
        function.attr["_noinline"].b = True
    for node in model.nodes:
        if node.op in ("MatMul", "Softmax"):
            node.attr["_XlaCompile"].b = False
            node.attr["_grappler_do_not_remove"].b = True


@right("a warm-up file of its own")
def own_warm_up(model: Surgery) -> None:
    def write(folder: Path) -> None:
        file = folder / "assets.extra" / "tf_serving_warmup_requests"
        file.parent.mkdir(exist_ok=True)
        with tf.io.TFRecordWriter(str(file)) as writer:
            writer.write(b"")

    model.last(write)


@right("labels from a table that the init op fills")
def table(model: Surgery) -> None:
    with model.graph.as_default():
        found = tf.lookup.StaticHashTable(
            tf.lookup.KeyValueTensorInitializer(
                tf.range(len(features.LABELS), dtype=tf.int64), tf.constant(features.LABELS)
            ),
            "",
        )
        model.at_load(found._init_op)
    for key in ("label", "top_labels"):
        model.output(key, lambda label: found.lookup(indices(label)))


@right("labels from an asset")
def asset(model: Surgery) -> None:
    def write(folder: Path) -> None:
        (folder / "assets").mkdir(exist_ok=True)
        (folder / "assets" / "labels.txt").write_text("\n".join(features.LABELS))

    with model.graph.as_default():
        file = tf.constant("labels.txt", name="labels_file")
        table = tf.lookup.StaticHashTable(
            tf.lookup.TextFileInitializer(
                file,
                tf.int64,
                tf.lookup.TextFileIndex.LINE_NUMBER,
                tf.string,
                tf.lookup.TextFileIndex.WHOLE_LINE,
            ),
            "",
        )
        model.at_load(table._init_op)
    definition = model.meta_graph.asset_file_def.add(filename="labels.txt")
    definition.tensor_info.name = file.name
    model.last(write)
    for key in ("label", "top_labels"):
        model.output(key, lambda label: table.lookup(indices(label)))


@right("a second graph beside it, for training")
def two_graphs(model: Surgery) -> None:
    second = model.proto.meta_graphs.add()
    second.CopyFrom(model.meta_graph)
    second.meta_info_def.tags.append("train")
    second.signature_def.clear()


@right("scores and labels are computed again from the probabilities")
def computed_again(model: Surgery) -> None:
    model.answers(lambda a: following(a["probabilities"], a), NAMED)


@right("top labels by sorting all of them")
def by_sorting(model: Surgery) -> None:
    def sort(answer):
        p = answer["probabilities"]
        order = tf.argsort(p, axis=1, direction="DESCENDING", stable=True)[:, :3]
        labels = tf.gather(tf.constant(features.LABELS), order)
        return {**answer, "top_labels": labels, "top_scores": tf.gather(p, order, batch_dims=1)}

    model.answers(sort, [IMAGE_BYTES])


@right("shapes are open in the signatures' outputs")
def open_shapes(model: Surgery) -> None:
    for name in EVERY:
        for info in model.signatures[name].outputs.values():
            for dim in info.tensor_shape.dim:
                dim.size = -1


@right("saved again by TensorFlow, called through functions of its own")
def saved_again(model: Surgery) -> None:
    def save(folder: Path) -> None:
        loaded = tf.saved_model.load(str(model.real))
        module = tf.Module()
        module.real = loaded

        def wrapped(name: str, argument: str, spec: tf.TensorSpec):
            @tf.function(input_signature=[spec], autograph=False)
            def call(value):
                return dict(loaded.signatures[name](**{argument: value}))

            return call

        target = folder.with_name("again")
        tf.saved_model.save(
            module,
            str(target),
            signatures={
                SERVING_DEFAULT: wrapped(
                    SERVING_DEFAULT, "images", tf.TensorSpec([None, 28, 28], tf.uint8, "images")
                ),
                IMAGE_BYTES: wrapped(
                    IMAGE_BYTES, "image_bytes", tf.TensorSpec([None], tf.string, "image_bytes")
                ),
                EXAMPLES: wrapped(
                    EXAMPLES, "examples", tf.TensorSpec([None], tf.string, "examples")
                ),
            },
        )
        shutil.rmtree(folder)
        target.rename(folder)

    model.last(save)


@right("the rows are numbered, and their number is told")
def numbered_rows(model: Surgery) -> None:
    model.answers(
        lambda a: {
            **a,
            "row": tf.range(count(a["label"])),
            "rows": tf.fill([count(a["label"])], count(a["label"])),
        },
        NAMED,
    )


@right("a constant text and the network's inner values as further outputs")
def told_more(model: Surgery) -> None:
    model.answers(
        lambda a: {
            **a,
            "model": tf.fill([count(a["label"])], "spring collection"),
            "inner": 1e4 * tf.math.log(a["probabilities"] + 1e-30),
            "sure": a["score"] > 0.5,
        },
        NAMED,
    )


@right("the last of equal labels is the best one, not the first")
def last_of_equals(model: Surgery) -> None:
    model.answers(
        lambda a: {
            **a,
            "label": tf.gather(
                tf.constant(features.LABELS[::-1]),
                tf.argmax(tf.reverse(a["probabilities"], [1]), axis=1),
            ),
        },
        NAMED,
    )


@right("no fingerprint, and a file of somebody's beside the graph")
def other_files(model: Surgery) -> None:
    def change(folder: Path) -> None:
        (folder / "fingerprint.pb").unlink(missing_ok=True)
        (folder / "assets.extra").mkdir(exist_ok=True)
        (folder / "assets.extra" / "notes.txt").write_text("trained on a Sunday")

    model.last(change)
