"""Wrong models of one coloured picture and nothing else: of a number, of classes, of tags.

Colours in another order or gone, transparency, and what is done to files of one kind.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from tests.components.serving_check.mutants.registry import Maker, Mutant
from tests.components.serving_check.mutants.surgery import (
    EXAMPLES,
    IMAGE_BYTES,
    SERVING_DEFAULT,
    Change,
    Surgery,
)
from tests.components.serving_check.mutants.tables import TABLES

KINDS = ("shade", "hues", "moods")
"""Models of one coloured picture, of a number, of classes and of tags."""
_HEAD, _DEPTH, _COLOURS = 26, 24, 25
"""Bytes of a PNG file up to those that say how deep it is, and of what type of colours."""
_GREY, _RGB, _PALETTE, _GREY_ALPHA, _RGBA = 0, 2, 3, 4, 6

When = Callable[[tf.Tensor], tf.Tensor]
"""Whether one file is so."""


def wrong(row: str, says: str, kinds: tuple[str, ...] = KINDS) -> Callable[[Maker], Maker]:
    """Registers a maker of wrong models of each of these kinds."""

    def register(maker: Maker) -> Maker:
        for kind in kinds:
            assert maker.__name__ not in TABLES[kind]
            TABLES[kind][maker.__name__] = Mutant(maker.__name__, says, row, maker)
        return maker

    return register


def _files(model: Surgery, when: When, change: Callable[[tf.Tensor], tf.Tensor]) -> None:
    """Has `image_bytes` see another file in place of each that is so."""

    def one(file: tf.Tensor) -> tf.Tensor:
        return tf.cond(when(file), lambda: change(file), lambda: tf.identity(file))

    model.inputs(lambda files: tf.map_fn(one, files, fn_output_signature=tf.string), [IMAGE_BYTES])


def _png(place: int, value: int) -> When:
    def when(file: tf.Tensor) -> tf.Tensor:
        start = tf.strings.substr(tf.strings.join([file, bytes(_HEAD)]), 0, _HEAD)
        found = tf.equal(tf.io.decode_raw(start, tf.uint8)[place], value)
        return tf.equal(tf.strings.substr(start, 1, 3), b"PNG") & found

    return when


def _jpeg(file: tf.Tensor) -> tf.Tensor:
    start = tf.strings.substr(tf.strings.join([file, bytes(3)]), 0, 3)
    return tf.equal(start, b"\xff\xd8\xff")


def _again(channels: int, change: Change) -> Change:
    """A file of 8 bits a channel whose pixels, decoded to so many channels, are changed."""

    def changed(file: tf.Tensor) -> tf.Tensor:
        pixels = tf.io.decode_image(file, channels, expand_animations=False)
        return tf.io.encode_png(change(pixels))

    return changed


def _other_order(pixels: tf.Tensor) -> tf.Tensor:
    return tf.reverse(pixels, [-1])


def _kernels(model: Surgery, change: Callable[[NDArray[Any]], NDArray[Any]]) -> None:
    """Changes what takes the three colours."""
    changed = 0

    def maybe(name: str, value: NDArray[Any]) -> NDArray[Any]:
        nonlocal changed
        if value.ndim != 4 or value.shape[2] != 3:
            return value
        changed += 1
        return change(value)

    model.weights(maybe)
    assert changed


@wrong("parity", "numbers: blue for red")
def blue_for_red(model: Surgery) -> None:
    model.inputs(_other_order, [SERVING_DEFAULT])


@wrong("parity", "numbers: three copies of grey")
def copies_of_grey(model: Surgery) -> None:
    def grey(images: tf.Tensor) -> tf.Tensor:
        mean = tf.reduce_mean(tf.cast(images, tf.float32), axis=-1, keepdims=True)
        return tf.cast(tf.repeat(mean, 3, axis=-1), tf.uint8)

    model.inputs(grey, [SERVING_DEFAULT])


@wrong("parity", "numbers: red alone is looked at")
def red_alone(model: Surgery) -> None:
    model.inputs(lambda images: tf.repeat(images[..., :1], 3, axis=-1), [SERVING_DEFAULT])


@wrong("parity", "the network takes blue for red, whoever asks")
def blue_for_red_inside(model: Surgery) -> None:
    _kernels(model, lambda kernel: kernel[:, :, ::-1])


@wrong("parity", "pictures are divided by 255 twice")
def divided_twice(model: Surgery) -> None:
    _kernels(model, lambda kernel: kernel / 255)


@wrong("parity", "pictures from -1 to 1 for a network that learned from 0 to 1")
def minus_one_to_one(model: Surgery) -> None:
    model.inputs(
        lambda images: tf.cast(tf.abs(tf.cast(images, tf.int32) * 2 - 255), tf.uint8),
        [SERVING_DEFAULT],
    )


@wrong("parity", "half precision inside", ("hues", "moods"))
def halved_kernels(model: Surgery) -> None:
    _kernels(model, lambda kernel: kernel.astype(np.float16).astype(np.float32))


@wrong("parity", "files: blue for red in PNG files of three colours")
def png_blue_for_red(model: Surgery) -> None:
    _files(model, _png(_COLOURS, _RGB), _again(3, _other_order))


@wrong("outputs", "numbers: blue for red where a picture is mostly red")
def mostly_red(model: Surgery) -> None:
    def change(images: tf.Tensor) -> tf.Tensor:
        means = tf.reduce_mean(tf.cast(images, tf.float32), axis=[1, 2])
        red = (means[:, 0] > means[:, 1] + 40) & (means[:, 0] > means[:, 2] + 40)
        return tf.where(red[:, None, None, None], _other_order(images), images)

    model.inputs(change, [SERVING_DEFAULT])


@wrong("encodings", "files: blue for red in JPEG files")
def jpeg_blue_for_red(model: Surgery) -> None:
    _files(model, _jpeg, _again(3, _other_order))


@wrong("encodings", "files: blue for red in those with a palette")
def palette_blue_for_red(model: Surgery) -> None:
    _files(model, _png(_COLOURS, _PALETTE), _again(3, _other_order))


@wrong("encodings", "files: grey ones are red")
def grey_is_red(model: Surgery) -> None:
    _files(
        model,
        _png(_COLOURS, _GREY),
        _again(1, lambda grey: tf.pad(grey, [[0, 0], [0, 0], [0, 2]])),
    )


@wrong("encodings", "files: transparent things lie on black")
def coloured_on_black(model: Surgery) -> None:
    def laid(pixels: tf.Tensor) -> tf.Tensor:
        colours, alpha = tf.split(tf.cast(pixels, tf.int32), [3, 1], axis=-1)
        return tf.cast(colours * alpha // 255, tf.uint8)

    _files(model, _png(_COLOURS, _RGBA), _again(4, laid))


@wrong("encodings", "files: what is transparent is seen")
def transparency_passed_over(model: Surgery) -> None:
    _files(model, _png(_COLOURS, _RGBA), _again(4, lambda pixels: pixels[..., :3]))


@wrong("encodings", "files: what is transparent is seen, in grey ones")
def grey_transparency_passed_over(model: Surgery) -> None:
    _files(model, _png(_COLOURS, _GREY_ALPHA), _again(4, lambda pixels: pixels[..., :3]))


@wrong("encodings", "files: those of 16 bits a colour are negatives")
def deep_negative(model: Surgery) -> None:
    _files(model, _png(_DEPTH, 16), _again(3, lambda pixels: 255 - pixels))


@wrong("parity", "the number is a thousandth too great for files", ("shade",))
def a_thousandth_more(model: Surgery) -> None:
    model.output("prediction", lambda number: number * 1.001, [IMAGE_BYTES])


@wrong("parity", "the number is one of half precision", ("shade",))
def number_of_half(model: Surgery) -> None:
    model.output(
        "prediction",
        lambda number: tf.cast(tf.cast(number, tf.float16), tf.float32),
        [SERVING_DEFAULT, EXAMPLES],
    )


@wrong("outputs", "two classes changed places for files", ("hues",))
def hues_swapped(model: Surgery) -> None:
    model.output(
        "label", lambda label: tf.where(tf.equal(label, "yes"), "no", "yes"), [IMAGE_BYTES]
    )


@wrong("outputs", "tags of the picture before", ("moods",))
def tags_of_the_picture_before(model: Surgery) -> None:
    model.output("tags", lambda tags: tf.roll(tags, 1, axis=0), [IMAGE_BYTES, EXAMPLES])


@wrong("outputs", "a tag stands where none is likely enough", ("moods",))
def always_a_tag(model: Surgery) -> None:
    model.output("tags", lambda tags: tf.where(tf.equal(tags, ""), "dear", tags), [EXAMPLES])
