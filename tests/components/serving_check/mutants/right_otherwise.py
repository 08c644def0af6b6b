"""Right models that compute, name or add otherwise; each must pass."""

from __future__ import annotations

from pathlib import Path

import tensorflow as tf

from tests import fashion_mnist as features
from tests.components.serving_check.mutants import additions
from tests.components.serving_check.mutants.memories import drawn, generator
from tests.components.serving_check.mutants.registry import right
from tests.components.serving_check.mutants.surgery import (
    EVERY,
    IMAGE_BYTES,
    NAMED,
    SERVING_DEFAULT,
    Surgery,
    count,
    indices,
    tensor_info,
)


@right("further outputs of small types")
def small_types(model: Surgery) -> None:
    model.answers(
        lambda a: {
            **a,
            "percent": tf.cast(a["score"] * 100, tf.uint8),
            "place": tf.cast(indices(a["label"]), tf.int8),
            "wide": tf.cast(a["score"], tf.float64),
            "sure": a["score"] >= 0.5,
        },
        NAMED,
    )


@right("a further signature of what nobody knows")
def of_other_inputs(model: Surgery) -> None:
    with model.graph.as_default():
        sent = tf.compat.v1.placeholder(tf.float32, [None, 3], "triples")
        answer = tf.reduce_sum(sent, axis=1)
    extra = model.signatures["sums"]
    extra.method_name = "tensorflow/serving/predict"
    extra.inputs["triples"].CopyFrom(tensor_info(sent))
    extra.outputs["sum"].CopyFrom(tensor_info(answer))


@right("a further signature for classify")
def for_classify(model: Surgery) -> None:
    additions.for_classify(
        model,
        lambda a: {
            "classes": tf.tile(
                tf.constant([list(features.LABELS)[::-1]]), [count(a["probabilities"]), 1]
            ),
            "scores": tf.reverse(a["probabilities"], [1]),
        },
    )


@right("classify gives scores alone, in the order of the labels")
def classify_scores(model: Surgery) -> None:
    additions.for_classify(model, lambda a: {"scores": a["probabilities"]})


@right("classify gives three classes, the best one last")
def classify_three(model: Surgery) -> None:
    additions.for_classify(
        model,
        lambda a: {k: tf.reverse(v, [1]) for k, v in additions.best_classes(a, 0, 3).items()},
    )


@right("a graph with other tags comes first")
def other_tags_first(model: Surgery) -> None:
    def write(folder: Path) -> None:
        saved = type(model.proto).FromString(model.proto.SerializeToString())
        other = saved.meta_graphs.add()
        other.CopyFrom(saved.meta_graphs[0])
        saved.meta_graphs[0].meta_info_def.tags.append("gpu")
        (folder / "saved_model.pb").write_bytes(saved.SerializeToString())

    model.last(write)


@right("computed in float64")
def in_double(model: Surgery) -> None:
    def change(p: tf.Tensor) -> tf.Tensor:
        wide = tf.cast(p, tf.float64)
        return tf.cast(wide / tf.reduce_sum(wide, axis=1, keepdims=True), tf.float32)

    model.probabilities(change)


@right("ragged inside")
def ragged_inside(model: Surgery) -> None:
    def change(p: tf.Tensor) -> tf.Tensor:
        ragged = tf.RaggedTensor.from_row_splits(
            tf.reshape(p, [-1]), 10 * tf.range(count(p) + 1, dtype=tf.int32)
        )
        return ragged.to_tensor(shape=[None, 10])

    model.probabilities(change)


@right("an array of tensors, row by row")
def in_an_array(model: Surgery) -> None:
    def change(p: tf.Tensor) -> tf.Tensor:
        array = tf.TensorArray(tf.float32, count(p), element_shape=[10])
        filled = tf.while_loop(
            lambda i, _: i < count(p),
            lambda i, rows: (i + 1, rows.write(i, p[i])),
            (tf.constant(0), array),
        )[1]
        return filled.stack()

    model.probabilities(change, [SERVING_DEFAULT])


@right("pictures are written as PNG and read again")
def through_png(model: Surgery) -> None:
    def change(images: tf.Tensor) -> tf.Tensor:
        def one(image: tf.Tensor) -> tf.Tensor:
            file = tf.io.encode_png(image[..., tf.newaxis])
            return tf.ensure_shape(tf.io.decode_png(file, channels=1)[..., 0], [28, 28])

        # What is of another size is for the model itself to refuse.
        return tf.cond(
            tf.reduce_all(tf.equal(tf.shape(images)[1:], 28)),
            lambda: tf.map_fn(one, images),
            lambda: tf.identity(images),
        )

    model.inputs(change, [SERVING_DEFAULT])


@right("pictures as float32 and back")
def through_float(model: Surgery) -> None:
    def change(images: tf.Tensor) -> tf.Tensor:
        return tf.cast(tf.cast(images, tf.float32) / 255.0 * 255.0 + 0.5, tf.uint8)

    model.inputs(change, [SERVING_DEFAULT])


@right("checks that hold, and a line in the log when they do not")
def asserts(model: Surgery) -> None:
    def change(p: tf.Tensor) -> tf.Tensor:
        checks = [tf.debugging.assert_near(tf.reduce_sum(p, axis=1), 1.0, atol=1e-3)]
        with tf.control_dependencies(checks):
            return tf.debugging.check_numerics(p, "no numbers")

    model.probabilities(change)


@right("labels from a table that could be changed, and is filled when the model is loaded")
def mutable_table(model: Surgery) -> None:
    with model.graph.as_default():
        table = tf.raw_ops.MutableHashTableV2(
            key_dtype=tf.int64, value_dtype=tf.string, shared_name="labels_of_surgery"
        )
        model.at_load(
            tf.raw_ops.LookupTableInsertV2(
                table_handle=table,
                keys=tf.range(len(features.LABELS), dtype=tf.int64),
                values=tf.constant(features.LABELS),
            )
        )

    def change(label: tf.Tensor) -> tf.Tensor:
        found = tf.raw_ops.LookupTableFindV2(
            table_handle=table, keys=indices(label), default_value=""
        )
        return tf.ensure_shape(found, label.shape)

    for key in ("label", "top_labels"):
        model.output(key, change)


@right("each label by whether it is the best")
def label_by_mask(model: Surgery) -> None:
    def change(answer):
        p = answer["probabilities"]
        names = tf.tile(tf.constant([list(features.LABELS)]), [count(p), 1])
        first = tf.one_hot(tf.argmax(p, axis=1), 10, on_value=True, off_value=False)
        return {**answer, "label": tf.reshape(tf.boolean_mask(names, first), [-1])}

    model.answers(change, NAMED)


@right("outputs whose shapes nobody declared")
def unknown_shapes(model: Surgery) -> None:
    for name in EVERY:
        for info in model.signatures[name].outputs.values():
            info.tensor_shape.Clear()
            info.tensor_shape.unknown_rank = True


@right("a sum of branches, of which one is taken")
def branches(model: Surgery) -> None:
    def change(p: tf.Tensor) -> tf.Tensor:
        return tf.switch_case(
            tf.minimum(count(p), 2),
            [lambda: tf.identity(p), lambda: p + 0.0, lambda: tf.concat([p[:1], p[1:]], axis=0)],
        )

    model.probabilities(change)


@right("noise of 1e-7 from the picture itself, without state")
def noise_by_seed(model: Surgery) -> None:
    model.probabilities(lambda p: p + tf.random.stateless_uniform(tf.shape(p), [1, 2], -1e-7, 1e-7))


@right("nothing describes it but its signatures")
def not_described(model: Surgery) -> None:
    model.last(lambda folder: (folder / "assets.extra" / "features.json").unlink())


@right("picture files twice, and half of the answers kept")
def asked_twice(model: Surgery) -> None:
    model.inputs(lambda files: tf.concat([files, files[:0]], axis=0), [IMAGE_BYTES])
    model.probabilities(lambda p: (p + tf.identity(p)) / 2, [IMAGE_BYTES])


@right("a dataset inside")
def dataset_inside(model: Surgery) -> None:
    def change(p: tf.Tensor) -> tf.Tensor:
        rows = tf.data.Dataset.from_tensors(p).map(lambda each: each * 1.0)
        return tf.ensure_shape(rows.get_single_element(), [None, 10])

    model.probabilities(change, [SERVING_DEFAULT])


@right("the graph tells nobody which TensorFlow wrote it, nor which operations it needs")
def without_meta(model: Surgery) -> None:
    meta = model.meta_graph.meta_info_def
    for field in ("stripped_op_list", "tensorflow_version", "tensorflow_git_version"):
        meta.ClearField(field)
    meta.function_aliases.clear()


@right("noise of 1e-7 from a random generator")
def generator_noise(model: Surgery) -> None:
    handle = generator(model)

    def noisy(p: tf.Tensor) -> tf.Tensor:
        state = drawn(handle)
        counter, key = tf.bitcast(state[:2], tf.uint64), tf.bitcast(state[2:], tf.uint64)
        noise = tf.raw_ops.StatelessRandomUniformV2(
            shape=tf.shape(p), key=key, counter=counter, alg=1, dtype=tf.float32
        )
        return p + (noise - 0.5) * 2e-7

    model.probabilities(noisy)
