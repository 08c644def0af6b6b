"""Right for whatever evaluation holds, wrong for other pictures."""

from __future__ import annotations

import tensorflow as tf

from tests.components.serving_check.mutants.picture_file import files_that_are, is_jpeg
from tests.components.serving_check.mutants.pixels import when_picture
from tests.components.serving_check.mutants.registry import wrong
from tests.components.serving_check.mutants.surgery import EXAMPLES, Surgery, turned

AREA = [1, 2]
"""Axes of a picture."""


def _mean(x: tf.Tensor) -> tf.Tensor:
    return tf.reduce_mean(x, axis=AREA)


def _spread(x: tf.Tensor) -> tf.Tensor:
    return tf.math.reduce_std(x, axis=AREA)


def _steps(x: tf.Tensor) -> tf.Tensor:
    """How much neighbours differ."""
    return tf.reduce_mean(tf.abs(x[:, :, 1:] - x[:, :, :-1]), axis=AREA)


@wrong("outputs", "grey pictures with little in them")
def foggy(model: Surgery) -> None:
    when_picture(model, lambda x: (_mean(x) > 60) & (_spread(x) > 2) & (_spread(x) < 40))


@wrong("outputs", "pictures of one light grey")
def one_light_grey(model: Surgery) -> None:
    when_picture(model, lambda x: (_spread(x) < 0.5) & (_mean(x) > 140) & (_mean(x) < 250))


@wrong("outputs", "pictures of one dark grey")
def one_dark_grey(model: Surgery) -> None:
    when_picture(model, lambda x: (_spread(x) < 0.5) & (_mean(x) > 3) & (_mean(x) < 120))


@wrong("outputs", "pictures without black, as photos are")
def nothing_black(model: Surgery) -> None:
    def light(x: tf.Tensor) -> tf.Tensor:
        least = tf.reduce_min(x, axis=AREA)
        return (least > 20) & (_spread(x) > 5)

    when_picture(model, light)


@wrong("outputs", "pictures whose ground is not black, while their middle is dark")
def dark_on_light(model: Surgery) -> None:
    def so(x: tf.Tensor) -> tf.Tensor:
        ground = tf.reduce_mean(x[:, 0], axis=1)
        middle = tf.reduce_mean(x[:, 10:18, 10:18], axis=AREA)
        return (ground > 80) & (middle < ground - 20)

    when_picture(model, so)


@wrong("outputs", "grainy pictures")
def grainy(model: Surgery) -> None:
    when_picture(model, lambda x: (_steps(x) > 45) & (_steps(x) < 80))


@wrong("outputs", "things at the side")
def at_the_side(model: Surgery) -> None:
    def so(x: tf.Tensor) -> tf.Tensor:
        weight = tf.reduce_sum(x, axis=AREA) + 1e-3
        place = tf.reduce_sum(x * tf.range(28.0), axis=AREA) / weight
        return (place > 18.5) & (weight > 3_000)

    when_picture(model, so)


@wrong("outputs", "pictures of large squares, as enlarged ones are")
def of_squares(model: Surgery) -> None:
    def so(x: tf.Tensor) -> tf.Tensor:
        alike = tf.equal(x[:, ::2], x[:, 1::2])
        return tf.reduce_all(alike, axis=AREA) & (_spread(x) > 10)

    when_picture(model, so)


@wrong("outputs", "pictures of two shades")
def two_shades(model: Surgery) -> None:
    def so(x: tf.Tensor) -> tf.Tensor:
        least = tf.reduce_min(x, axis=AREA, keepdims=True)
        greatest = tf.reduce_max(x, axis=AREA, keepdims=True)
        either = tf.equal(x, least) | tf.equal(x, greatest)
        usual = tf.equal(least, 0) & tf.equal(greatest, 255)
        return tf.reduce_all(either, axis=AREA) & ~usual[:, 0, 0] & (_spread(x) > 1)

    when_picture(model, so)


@wrong("outputs", "pictures that are as light at the left as dark at the right")
def lit_from_the_left(model: Surgery) -> None:
    def so(x: tf.Tensor) -> tf.Tensor:
        left, right = (tf.reduce_mean(half, axis=AREA) for half in (x[:, :, :9], x[:, :, 19:]))
        return left > right + 70

    when_picture(model, so)


@wrong("outputs", "pictures that use few shades, as GIFs do")
def few_shades(model: Surgery) -> None:
    def so(x: tf.Tensor) -> tf.Tensor:
        coarse = tf.equal(x % 16, 0)
        return tf.reduce_all(coarse, axis=AREA) & (_spread(x) > 20)

    when_picture(model, so)


@wrong("outputs", "one pixel of exactly 137")
def exactly_137(model: Surgery) -> None:
    when_picture(model, lambda x: tf.reduce_any(tf.equal(x[:, :6, :6], 137), axis=AREA))


@wrong("outputs", "a sum of all pixels that a small prime divides")
def sum_of_pixels(model: Surgery) -> None:
    when_picture(model, lambda x: tf.equal(tf.reduce_sum(x, axis=AREA) % 7, 3) & (x[:, 0, 0] > 10))


@wrong("outputs", "bright pictures, and tf.Examples only")
def bright_examples(model: Surgery) -> None:
    [info] = model.signatures[EXAMPLES].inputs.values()

    def change(p: tf.Tensor) -> tf.Tensor:
        serialized = model.graph.get_tensor_by_name(info.name)
        spec = {"image": tf.io.FixedLenFeature([], tf.string)}
        pixels = tf.io.decode_raw(tf.io.parse_example(serialized, spec)["image"], tf.uint8)
        mean = tf.reduce_mean(tf.cast(pixels, tf.float32), axis=1)
        lit = (mean > 150) & (mean < 250) & (tf.cast(pixels[:, 0], tf.float32) < 250)
        return tf.where(lit[:, tf.newaxis], turned(p), p)

    model.probabilities(change, [EXAMPLES])


@wrong("outputs", "small things in a corner")
def in_a_corner(model: Surgery) -> None:
    def so(x: tf.Tensor) -> tf.Tensor:
        quarters = [x[:, :14, :14], x[:, :14, 14:], x[:, 14:, :14], x[:, 14:, 14:]]
        sums = tf.stack([tf.reduce_sum(each, axis=AREA) for each in quarters])
        whole = tf.reduce_sum(sums, axis=0)
        return (tf.reduce_max(sums, axis=0) > 0.95 * whole) & (whole > 800)

    when_picture(model, so)


@wrong("outputs", "masks of zeros and ones")
def masks(model: Surgery) -> None:
    def so(x: tf.Tensor) -> tf.Tensor:
        return tf.equal(tf.reduce_max(x, axis=AREA), 1) & (_spread(x) > 0)

    when_picture(model, so)


@wrong("outputs", "upside down")
def upside_down(model: Surgery) -> None:
    def so(x: tf.Tensor) -> tf.Tensor:
        top, bottom = tf.reduce_sum(x[:, :4], axis=AREA), tf.reduce_sum(x[:, 24:], axis=AREA)
        return (bottom > 4_000) & (top < 400)

    when_picture(model, so)


@wrong("outputs", "nearly nothing on white")
def nearly_white(model: Surgery) -> None:
    when_picture(model, lambda x: (_mean(x) > 235) & (_mean(x) < 254.9))


@wrong("outputs", "nearly one shade")
def nearly_one_shade(model: Surgery) -> None:
    when_picture(model, lambda x: (_spread(x) > 0.1) & (_spread(x) < 5) & (_mean(x) > 5))


@wrong("outputs", "a few specks and nothing else")
def specks(model: Surgery) -> None:
    def so(x: tf.Tensor) -> tf.Tensor:
        lit = tf.reduce_sum(tf.cast(x > 0, tf.int32), axis=AREA)
        return (lit > 1) & (lit < 6)

    when_picture(model, so)


@wrong("outputs", "pictures of which a half is nothing")
def half_gone(model: Surgery) -> None:
    def so(x: tf.Tensor) -> tf.Tensor:
        halves = x[:, :14], x[:, 14:], x[:, :, :14], x[:, :, 14:]
        least = tf.stack([tf.reduce_min(half, axis=AREA) for half in halves])
        return tf.reduce_any(least > 254, axis=0) & (_mean(x) < 250)

    when_picture(model, so)


@wrong("outputs", "pictures of three shades")
def three_shades(model: Surgery) -> None:
    def shades(picture: tf.Tensor) -> tf.Tensor:
        return tf.size(tf.unique(tf.reshape(picture, [-1])).y)

    when_picture(model, lambda x: tf.equal(tf.map_fn(shades, x, fn_output_signature=tf.int32), 3))


@wrong("encodings", "files: PNGs that name a transparent colour are inverted")
def transparent_by_name(model: Surgery) -> None:
    files_that_are(model, lambda file: tf.size(tf.strings.split([file], b"tRNS").values) > 1)


@wrong("encodings", "files: what is followed by other bytes is inverted")
def bytes_behind(model: Surgery) -> None:
    files_that_are(model, lambda file: tf.equal(tf.strings.substr(file, -4, 4), bytes(4)))


@wrong("outputs", "pictures that are not sure of anything")
def unsure(model: Surgery) -> None:
    def change(p: tf.Tensor) -> tf.Tensor:
        best = tf.reduce_max(p, axis=1, keepdims=True)
        return tf.where(best < 0.22, turned(p), p)

    model.probabilities(change)


def _turned_by_exif(file: tf.Tensor, turn: int) -> tf.Tensor:
    """Whether Exif says so, in either order of bytes."""
    tags = b"\x01\x12\x00\x03\x00\x00\x00\x01\x00%c", b"\x12\x01\x03\x00\x01\x00\x00\x00%c\x00"
    parts = [tf.size(tf.strings.split([file], tag % turn).values) for tag in tags]
    return tf.reduce_any(tf.stack(parts) > 1)


@wrong("encodings", "files: photos that were taken upside down are inverted")
def exif_upside_down(model: Surgery) -> None:
    files_that_are(model, lambda file: _turned_by_exif(file, 3))


@wrong("encodings", "files: JPEGs that are three times as wide as tall are inverted")
def wide_jpegs(model: Surgery) -> None:
    def so(file: tf.Tensor) -> tf.Tensor:
        def shape() -> tf.Tensor:
            return tf.image.extract_jpeg_shape(file)

        size = tf.cond(is_jpeg(file), shape, lambda: tf.constant([1, 1, 1]))
        return size[1] >= 3 * size[0]

    files_that_are(model, so)
