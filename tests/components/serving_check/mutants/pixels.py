"""The pixels are not those that the client sent."""

from __future__ import annotations

from collections.abc import Callable

import tensorflow as tf

from tests.components.serving_check.mutants.registry import wrong
from tests.components.serving_check.mutants.surgery import (
    EXAMPLES,
    SERVING_DEFAULT,
    Surgery,
    turned,
)

PIXELS = [SERVING_DEFAULT]


@wrong("parity", "numbers: rows and columns are swapped")
def transposed(model: Surgery) -> None:
    model.inputs(lambda images: tf.transpose(images, [0, 2, 1]), PIXELS)


@wrong("parity", "numbers: mirrored")
def mirrored(model: Surgery) -> None:
    model.inputs(lambda images: tf.reverse(images, [2]), PIXELS)


@wrong("parity", "numbers: one pixel to the right")
def shifted(model: Surgery) -> None:
    model.inputs(lambda images: tf.roll(images, 1, axis=2), PIXELS)


@wrong("parity", "numbers: black for white")
def inverted(model: Surgery) -> None:
    model.inputs(lambda images: 255 - images, PIXELS)


@wrong("parity", "numbers: divided by 256")
def by_256(model: Surgery) -> None:
    """In the transform itself, hence for all signatures."""
    changed = 0
    for node in model.nodes:
        if node.op == "Const" and node.attr["dtype"].type == 1:
            value = tf.make_ndarray(node.attr["value"].tensor)
            if value.ndim == 0 and abs(value - 1 / 255) < 1e-8:
                node.attr["value"].tensor.CopyFrom(tf.make_tensor_proto(1 / 256, tf.float32))
                changed += 1
    assert changed


@wrong("parity", "numbers: 255 becomes 0")
def overflow(model: Surgery) -> None:
    model.inputs(lambda images: images + tf.constant(1, tf.uint8), PIXELS)


def when_picture(model: Surgery, when: Callable[[tf.Tensor], tf.Tensor]) -> None:
    """Turns the answers of serving_default to pictures [n, 28, 28] that are so."""
    [info] = model.signatures[SERVING_DEFAULT].inputs.values()

    def change(p: tf.Tensor) -> tf.Tensor:
        images = tf.cast(model.graph.get_tensor_by_name(info.name), tf.float32)
        return tf.where(when(images)[:, tf.newaxis], turned(p), p)

    model.probabilities(change, PIXELS)


@wrong("parity", "numbers: wrong for bright pictures")
def bright(model: Surgery) -> None:
    when_picture(model, lambda x: tf.reduce_mean(x, axis=[1, 2]) > 120)


@wrong("inputs", "numbers: wrong for all but white pictures")
def very_bright(model: Surgery) -> None:
    when_picture(model, lambda x: tf.reduce_mean(x, axis=[1, 2]) > 250)


@wrong("inputs", "numbers: wrong for all but black pictures")
def very_dark(model: Surgery) -> None:
    when_picture(model, lambda x: tf.reduce_mean(x, axis=[1, 2]) < 2)


@wrong("inputs", "numbers: a black picture is not a number")
def black_is_nan(model: Surgery) -> None:
    [info] = model.signatures[SERVING_DEFAULT].inputs.values()

    def change(p: tf.Tensor) -> tf.Tensor:
        images = model.graph.get_tensor_by_name(info.name)
        black = tf.reduce_all(tf.equal(images, 0), axis=[1, 2])
        return tf.where(black[:, tf.newaxis], float("nan"), p)

    model.probabilities(change, PIXELS)


@wrong("inputs", "tf.Examples: divides by the brightness, which a black picture lacks")
def by_brightness(model: Surgery) -> None:
    [info] = model.signatures[EXAMPLES].inputs.values()

    def change(p: tf.Tensor) -> tf.Tensor:
        serialized = model.graph.get_tensor_by_name(info.name)
        spec = {"image": tf.io.FixedLenFeature([], tf.string)}
        pixels = tf.io.decode_raw(tf.io.parse_example(serialized, spec)["image"], tf.uint8)
        light = tf.reduce_sum(tf.cast(pixels, tf.float32), axis=1, keepdims=True)
        return p * light / light

    model.probabilities(change, [EXAMPLES])


@wrong("inputs", "numbers: a white picture is infinite")
def white_is_infinite(model: Surgery) -> None:
    [info] = model.signatures[SERVING_DEFAULT].inputs.values()

    def change(p: tf.Tensor) -> tf.Tensor:
        white = tf.reduce_all(tf.equal(model.graph.get_tensor_by_name(info.name), 255), axis=[1, 2])
        return tf.where(white[:, tf.newaxis], float("inf"), p)

    model.probabilities(change, PIXELS)


@wrong("inputs", "numbers: wrong when the pixel in the corner is bright")
def corner(model: Surgery) -> None:
    when_picture(model, lambda x: x[:, 27, 27] > 200)


@wrong("inputs", "numbers: wrong when exactly one pixel is bright")
def one_pixel(model: Surgery) -> None:
    when_picture(model, lambda x: tf.equal(tf.reduce_sum(tf.cast(x > 0, tf.int32), axis=[1, 2]), 1))
