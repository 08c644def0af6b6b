"""The picture is not the one in the tf.Example that the client sent."""

from __future__ import annotations

import tensorflow as tf

from tests.components.serving_check.mutants.registry import wrong
from tests.components.serving_check.mutants.surgery import EXAMPLES, Surgery, turned


def _parsed(serialized: tf.Tensor, **default) -> tf.Tensor:
    spec = {"image": tf.io.FixedLenFeature([], tf.string, **default)}
    return tf.io.parse_example(serialized, spec)["image"]


@wrong("inputs", "tf.Examples: one without the picture passes for a black one")
def missing_is_black(model: Surgery) -> None:
    def filled(serialized: tf.Tensor) -> tf.Tensor:
        black = tf.train.Example()
        black.features.feature["image"].bytes_list.value.append(bytes(784))
        images = _parsed(serialized, default_value="")
        return tf.where(tf.equal(images, ""), black.SerializeToString(), serialized)

    model.inputs(filled, [EXAMPLES])


@wrong("inputs", "tf.Examples: another feature beside the picture is an error")
def more_features(model: Surgery) -> None:
    def guarded(serialized: tf.Tensor) -> tf.Tensor:
        small = tf.debugging.assert_less(tf.strings.length(serialized), 830)
        with tf.control_dependencies([small]):
            return tf.identity(serialized)

    model.inputs(guarded, [EXAMPLES])


@wrong("inputs", "tf.Examples: those of more than 32,767 bytes are wrong")
def large_examples(model: Surgery) -> None:
    [info] = model.signatures[EXAMPLES].inputs.values()
    sent = model.graph.get_tensor_by_name(info.name)

    def change(p: tf.Tensor) -> tf.Tensor:
        return tf.where((tf.strings.length(sent) > 32_767)[:, tf.newaxis], turned(p), p)

    model.probabilities(change, [EXAMPLES])


@wrong("inputs", "tf.Examples: the label must come with the picture")
def label_needed(model: Surgery) -> None:
    def with_label(serialized: tf.Tensor) -> tf.Tensor:
        spec = {"label": tf.io.FixedLenFeature([], tf.int64)}
        label = tf.strings.as_string(tf.io.parse_example(serialized, spec)["label"])
        # A mere dependency would be optimised away.
        return serialized + tf.strings.substr(label, 0, 0)

    model.inputs(with_label, [EXAMPLES])


@wrong("inputs", "tf.Examples: the label that comes with the picture is the answer")
def label_leaks(model: Surgery) -> None:
    [info] = model.signatures[EXAMPLES].inputs.values()

    def change(p: tf.Tensor) -> tf.Tensor:
        serialized = model.graph.get_tensor_by_name(info.name)
        spec = {"label": tf.io.FixedLenFeature([], tf.int64, default_value=-1)}
        label = tf.io.parse_example(serialized, spec)["label"]
        return tf.where((tf.equal(label, tf.argmax(p, axis=1)))[:, tf.newaxis], p, turned(p))

    model.probabilities(change, [EXAMPLES])


@wrong("inputs", "tf.Examples: one without the picture passes for a black one beside another")
def missing_beside_another(model: Surgery) -> None:
    def filled(serialized: tf.Tensor) -> tf.Tensor:
        black = tf.train.Example()
        black.features.feature["image"].bytes_list.value.append(bytes(784))
        images = _parsed(serialized, default_value="")
        gone = tf.equal(images, "")
        some = tf.reduce_any(~gone)
        return tf.where(some & gone, black.SerializeToString(), serialized)

    model.inputs(filled, [EXAMPLES])


@wrong("inputs", "tf.Examples: of a picture of three colours the first third is answered")
def three_colours(model: Surgery) -> None:
    black = tf.train.Example()
    black.features.feature["image"].bytes_list.value.append(bytes(784))
    head = black.SerializeToString()[:-784]

    def first_third(serialized: tf.Tensor) -> tf.Tensor:
        images = _parsed(serialized, default_value="")
        cut = tf.strings.join([head, tf.strings.substr(images, 0, 784)])
        return tf.where(tf.equal(tf.strings.length(images), 3 * 784), cut, serialized)

    model.inputs(first_third, [EXAMPLES])


def _by_feature(model: Surgery, name: str, spec: object, when) -> None:
    """Turns the answers to tf.Examples whose feature of that name is so."""
    [info] = model.signatures[EXAMPLES].inputs.values()

    def change(p: tf.Tensor) -> tf.Tensor:
        serialized = model.graph.get_tensor_by_name(info.name)
        found = tf.io.parse_example(serialized, {name: spec})[name]
        return tf.where(when(found)[:, tf.newaxis], turned(p), p)

    model.probabilities(change, [EXAMPLES])


@wrong("graph", "tf.Examples: wrong where somebody sends a zebra of more than 7")
def zebra(model: Surgery) -> None:
    spec = tf.io.FixedLenFeature([], tf.float32, default_value=0.0)
    _by_feature(model, "zebra", spec, lambda found: found > 7)


@wrong("graph", "tf.Examples: wrong where somebody sends three stripes")
def stripes(model: Surgery) -> None:
    _by_feature(
        model,
        "stripes",
        tf.io.RaggedFeature(tf.string),
        lambda found: tf.equal(found.row_lengths(), 3),
    )


@wrong("graph", "tf.Examples: wrong where the label that is sent is none")
def label_beyond(model: Surgery) -> None:
    spec = tf.io.FixedLenFeature([], tf.int64, default_value=0)
    _by_feature(model, "label", spec, lambda found: found > 9)
