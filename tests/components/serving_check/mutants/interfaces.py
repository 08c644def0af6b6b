"""Signatures that are not what clients rely on."""

from __future__ import annotations

import tensorflow as tf

from tests.components.serving_check.mutants.registry import wrong
from tests.components.serving_check.mutants.surgery import (
    EXAMPLES,
    IMAGE_BYTES,
    SERVING_DEFAULT,
    Change,
    Surgery,
    tensor_info,
    turned,
)


@wrong("signatures", "the input has another name")
def input_renamed(model: Surgery) -> None:
    inputs = model.signatures[SERVING_DEFAULT].inputs
    inputs["image"].CopyFrom(inputs["images"])
    del inputs["images"]


@wrong("signatures", "an output has another name")
def output_renamed(model: Surgery) -> None:
    model.answers(
        lambda a: {**{k: v for k, v in a.items() if k != "score"}, "scores": a["score"]}, [EXAMPLES]
    )


@wrong("signatures", "an output is missing")
def output_missing(model: Surgery) -> None:
    model.answers(lambda a: {k: v for k, v in a.items() if k != "top_scores"}, [IMAGE_BYTES])


@wrong("signatures", "a signature is missing")
def signature_missing(model: Surgery) -> None:
    del model.signatures[EXAMPLES]


@wrong("signatures", "a signature has another name")
def signature_renamed(model: Surgery) -> None:
    model.signatures["predict"].CopyFrom(model.signatures[SERVING_DEFAULT])
    del model.signatures[SERVING_DEFAULT]


@wrong("signatures", "pictures as int32")
def int_pictures(model: Surgery) -> None:
    with model.graph.as_default():
        sent = tf.compat.v1.placeholder(tf.int32, [None, 28, 28], "int_pictures")
    model.inputs(lambda images: tf.cast(sent, tf.uint8), [SERVING_DEFAULT])
    model.signatures[SERVING_DEFAULT].inputs["images"].CopyFrom(tensor_info(sent))


@wrong("signatures", "one picture at a time, and no more")
def fixed_batch(model: Surgery) -> None:
    with model.graph.as_default():
        sent = tf.compat.v1.placeholder(tf.uint8, [1, 28, 28], "one_picture")
    model.inputs(lambda images: sent, [SERVING_DEFAULT])
    model.signatures[SERVING_DEFAULT].inputs["images"].CopyFrom(tensor_info(sent))


@wrong("loads", "one picture at a time, and the signature does not say so")
def hidden_fixed_batch(model: Surgery) -> None:
    model.inputs(lambda images: tf.ensure_shape(images, [1, 28, 28]), [SERVING_DEFAULT])


@wrong("signatures", "a second input must be sent")
def second_input(model: Surgery) -> None:
    with model.graph.as_default():
        extra = tf.compat.v1.placeholder(tf.float32, [], "temperature")
    model.signatures[SERVING_DEFAULT].inputs["temperature"].CopyFrom(tensor_info(extra))


@wrong("parity", "serving_default is right, tf.Examples are not")
def only_examples(model: Surgery) -> None:
    model.probabilities(turned, [EXAMPLES])


@wrong("parity", "tf.Examples are right, serving_default is not")
def only_default(model: Surgery) -> None:
    model.probabilities(turned, [SERVING_DEFAULT])


def _opened(model: Surgery, signature: str, shape: list[int | None] | None, change: Change) -> None:
    """Has a signature take any input of `shape`, and go on saying what it said."""
    [key] = model.signatures[signature].inputs
    declared = model.signatures[signature].inputs[key]
    with model.graph.as_default():
        sent = tf.compat.v1.placeholder(tf.as_dtype(declared.dtype), shape, f"open_{signature}")
    model.inputs(lambda _: change(sent), [signature])
    info = tensor_info(sent)
    info.tensor_shape.CopyFrom(declared.tensor_shape)
    model.signatures[signature].inputs[key].CopyFrom(info)


@wrong("inputs", "pictures of other sizes are cut to size without a word")
def cuts_pictures(model: Surgery) -> None:
    def cut(images: tf.Tensor) -> tf.Tensor:
        padded = tf.pad(images, [[0, 0], [0, 28], [0, 28]])
        return tf.ensure_shape(padded[:, :28, :28], [None, 28, 28])

    _opened(model, SERVING_DEFAULT, [None, None, None], cut)


@wrong("inputs", "pictures of other heights are cut to size without a word")
def cuts_rows(model: Surgery) -> None:
    def cut(images: tf.Tensor) -> tf.Tensor:
        padded = tf.pad(images, [[0, 0], [0, 28], [0, 0]])
        return tf.ensure_shape(padded[:, :28], [None, 28, 28])

    _opened(model, SERVING_DEFAULT, [None, None, 28], cut)


@wrong("inputs", "all numbers of a picture in one line pass for one")
def pictures_in_line(model: Surgery) -> None:
    def formed(images: tf.Tensor) -> tf.Tensor:
        found = tf.cond(
            tf.equal(tf.rank(images), 2),
            lambda: tf.reshape(images, [-1, 28, 28]),
            lambda: tf.identity(images),
        )
        return tf.ensure_shape(found, [None, 28, 28])

    _opened(model, SERVING_DEFAULT, None, formed)


@wrong("inputs", "a picture without a batch passes for a batch of one")
def without_batch(model: Surgery) -> None:
    def batched(images: tf.Tensor) -> tf.Tensor:
        alone = tf.equal(tf.rank(images), 2) & tf.equal(tf.shape(images)[0], 28)
        found = tf.cond(alone, lambda: tf.reshape(images, [1, 28, 28]), lambda: tf.identity(images))
        return tf.ensure_shape(found, [None, 28, 28])

    _opened(model, SERVING_DEFAULT, None, batched)


@wrong("inputs", "picture files in rows and columns are answered in one line")
def files_in_square(model: Surgery) -> None:
    _opened(model, IMAGE_BYTES, None, lambda files: tf.reshape(files, [-1]))


@wrong("inputs", "tf.Examples in rows and columns are answered in one line")
def examples_in_square(model: Surgery) -> None:
    _opened(model, EXAMPLES, None, lambda serialized: tf.reshape(serialized, [-1]))


@wrong("outputs", "float64, and the signature says float32")
def hidden_float64(model: Surgery) -> None:
    model.output("probabilities", lambda p: tf.cast(p, tf.float64), [SERVING_DEFAULT])
    model.signatures[SERVING_DEFAULT].outputs["probabilities"].dtype = tf.float32.as_datatype_enum


@wrong("parity", "an eleventh label that nobody knows")
def eleventh(model: Surgery) -> None:
    model.output("probabilities", lambda p: tf.pad(p, [[0, 0], [0, 1]]))
    for signature in model.signatures.values():
        if "probabilities" in signature.outputs:
            signature.outputs["probabilities"].tensor_shape.dim[1].size = -1


@wrong("loads", "one signature reads what another one is sent")
def crossed_inputs(model: Surgery) -> None:
    [files] = model.signatures[IMAGE_BYTES].inputs.values()
    [examples] = model.signatures[EXAMPLES].inputs.values()
    examples.name = files.name


@wrong("loads", "an output is a tensor that is not in the graph")
def no_such_tensor(model: Surgery) -> None:
    model.signatures[EXAMPLES].outputs["score"].name = "no_such_tensor:0"


@wrong("loads", "the warm-up fails: an output is computed from nothing")
def placeholder_left(model: Surgery) -> None:
    with model.graph.as_default():
        left = tf.compat.v1.placeholder(tf.float32, [], "left_over")
    model.probabilities(lambda p: p * left)


@wrong("parity", "probabilities of picture files are all the same")
def constant(model: Surgery) -> None:
    model.output("probabilities", lambda p: tf.fill([tf.shape(p)[0], 10], 0.1), [IMAGE_BYTES])


@wrong("signatures", "the method is classify")
def other_method(model: Surgery) -> None:
    model.signatures[EXAMPLES].method_name = "tensorflow/serving/classify"


@wrong("signatures", "no method at all")
def no_method(model: Surgery) -> None:
    model.signatures[SERVING_DEFAULT].method_name = ""
