"""The picture is not the one in the file that the client sent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tensorflow as tf

from tests.components.serving_check.mutants.picture_file import (
    change_files,
    decoded,
    depth,
    encoded,
    files_that_are,
    header,
    height,
    inverted,
    is_jpeg,
    is_png,
    kind,
    starts,
    width,
)
from tests.components.serving_check.mutants.registry import wrong
from tests.components.serving_check.mutants.surgery import (
    Surgery,
)


@wrong("parity", "files: black for white")
def files_inverted(model: Surgery) -> None:
    change_files(model, inverted)


@wrong("encodings", "files: JPEGs are inverted, PNGs are right")
def jpeg_inverted(model: Surgery) -> None:
    files_that_are(model, is_jpeg)


@wrong("encodings", "files: JPEGs are refused")
def jpeg_refused(model: Surgery) -> None:
    def refused(file: tf.Tensor) -> tf.Tensor:
        with tf.control_dependencies([tf.debugging.Assert(~is_jpeg(file), ["a JPEG"])]):
            return tf.identity(file)

    change_files(model, refused)


@wrong("encodings", "files: colour pictures are inverted")
def colour_inverted(model: Surgery) -> None:
    files_that_are(
        model,
        lambda file: tf.logical_or(tf.equal(kind(file), 2), tf.equal(kind(file), 6)),
    )


@wrong("encodings", "files: red and blue are swapped")
def red_for_blue(model: Surgery) -> None:
    change_files(model, lambda file: encoded(tf.reverse(decoded(file, 3), [2])))


@wrong("encodings", "files: grey is the mean of the colours, not their brightness")
def grey_by_mean(model: Surgery) -> None:
    def mean(file: tf.Tensor) -> tf.Tensor:
        colours = tf.cast(decoded(file, 3), tf.float32)
        grey = tf.round(tf.reduce_mean(colours, axis=2, keepdims=True))
        return encoded(tf.cast(grey, tf.uint8))

    change_files(model, mean)


@wrong("encodings", "files: only the red of a colour picture is seen")
def only_red(model: Surgery) -> None:
    change_files(model, lambda file: encoded(decoded(file, 3)[:, :, :1]))


@wrong("encodings", "files: transparent pictures are inverted")
def alpha_inverted(model: Surgery) -> None:
    files_that_are(model, lambda file: tf.equal(kind(file), 6))


@wrong("encodings", "files: transparency itself is taken for the picture")
def alpha_for_grey(model: Surgery) -> None:
    files_that_are(
        model,
        lambda file: tf.equal(kind(file), 6),
        lambda file: encoded(decoded(file, 4)[:, :, 3:]),
    )


@wrong("encodings", "files: grey with transparency is inverted")
def grey_alpha_inverted(model: Surgery) -> None:
    files_that_are(model, lambda file: tf.equal(kind(file), 4))


@wrong("encodings", "files: the low byte of 16 bits is taken")
def low_byte(model: Surgery) -> None:
    def low(file: tf.Tensor) -> tf.Tensor:
        deep = tf.cast(tf.io.decode_png(file, channels=1, dtype=tf.uint16), tf.int32)
        return encoded(tf.cast(deep % 256, tf.uint8))

    files_that_are(model, lambda file: tf.equal(depth(file), 16), low)


@wrong("encodings", "files: 16 bits are cut at 255")
def saturated(model: Surgery) -> None:
    def cut(file: tf.Tensor) -> tf.Tensor:
        deep = tf.cast(tf.io.decode_png(file, channels=1, dtype=tf.uint16), tf.int32)
        return encoded(tf.cast(tf.minimum(deep, 255), tf.uint8))

    files_that_are(model, lambda file: tf.equal(depth(file), 16), cut)


@wrong("encodings", "files: palettes are inverted")
def palette_inverted(model: Surgery) -> None:
    files_that_are(model, lambda file: tf.equal(kind(file), 3))


@wrong("encodings", "files: black and white with one bit is inverted")
def bit_inverted(model: Surgery) -> None:
    files_that_are(model, lambda file: tf.equal(depth(file), 1))


@wrong("encodings", "files: other sizes are cropped instead of resized")
def cropped(model: Surgery) -> None:
    change_files(
        model,
        lambda file: encoded(tf.image.resize_with_crop_or_pad(decoded(file, 1), 28, 28)),
    )


@wrong("encodings", "files: those as large as a photo are inverted")
def photos_inverted(model: Surgery) -> None:
    files_that_are(model, lambda file: tf.strings.length(file) > 200_000)


def _resized(model: Surgery, when: Callable[[tf.Tensor], tf.Tensor], **options: Any) -> None:
    """Resizes some files to 28 x 28 before the model's own code sees them."""

    def resized(file: tf.Tensor) -> tf.Tensor:
        image = tf.image.resize(decoded(file, 1), [28, 28], **options)
        return encoded(tf.saturate_cast(tf.round(image), tf.uint8))

    files_that_are(model, when, resized)


def _square(file: tf.Tensor) -> tf.Tensor:
    """Whether it is a square PNG of another size."""
    other = tf.not_equal(width(file), 28)
    return tf.logical_and(other, tf.equal(width(file), height(file)))


def _oblong(file: tf.Tensor) -> tf.Tensor:
    """Whether it is a PNG that is no square."""
    return tf.not_equal(width(file), height(file))


@wrong("encodings", "files: squares are resized by the nearest pixel")
def nearest(model: Surgery) -> None:
    _resized(model, _square, method="nearest")


@wrong("encodings", "files: squares are resized without smoothing")
def no_antialias(model: Surgery) -> None:
    _resized(model, _square, antialias=False)


@wrong("encodings", "files: others than squares are stretched until they are some")
def stretched(model: Surgery) -> None:
    _resized(model, _oblong, antialias=True)


def _padded(model: Surgery, before: int, value: int) -> None:
    """Pads oblong files to a square: `before` of 2 parts on the left and above."""

    def padded(file: tf.Tensor) -> tf.Tensor:
        image = decoded(file, 1)
        free = tf.reduce_max(tf.shape(image)) - tf.shape(image)[:2]
        first = free * before // 2
        paddings = tf.stack(
            [[first[0], free[0] - first[0]], [first[1], free[1] - first[1]], [0, 0]]
        )
        return encoded(tf.pad(image, paddings, constant_values=value))

    files_that_are(model, _oblong, padded)


@wrong("encodings", "files: the margins beside oblong pictures are white")
def white_margins(model: Surgery) -> None:
    _padded(model, 1, 255)


@wrong("encodings", "files: oblong pictures stand at the side, not in the middle")
def not_centred(model: Surgery) -> None:
    _padded(model, 0, 0)


@wrong("encodings", "files: photos that were taken sideways stay so")
def exif_ignored(model: Surgery) -> None:
    files_that_are(
        model,
        is_jpeg,
        lambda file: encoded(decoded(file, 3)),
    )


@wrong("encodings", "files: transparency is ignored")
def alpha_ignored(model: Surgery) -> None:
    files_that_are(
        model,
        lambda file: tf.equal(kind(file), 6),
        lambda file: encoded(decoded(file, 3)),
    )


@wrong("encodings", "files: transparent pictures lie on black")
def on_black(model: Surgery) -> None:
    def composited(file: tf.Tensor) -> tf.Tensor:
        image = tf.cast(decoded(file, 4), tf.float32)
        colours = image[:, :, :3] * image[:, :, 3:] / 255
        return encoded(tf.saturate_cast(tf.round(colours), tf.uint8))

    files_that_are(model, lambda file: tf.equal(kind(file), 6), composited)


@wrong("encodings", "files: wide ones lose their sides")
def sides_cut(model: Surgery) -> None:
    def central(file: tf.Tensor) -> tf.Tensor:
        image = decoded(file, 1)
        shape = tf.shape(image)
        side = tf.minimum(shape[0], shape[1])
        return encoded(tf.image.resize_with_crop_or_pad(image, side, side))

    files_that_are(
        model,
        lambda file: tf.logical_and(is_png(file), width(file) > height(file)),
        central,
    )


@wrong("encodings", "files: tall ones lie on their side")
def tall_turned(model: Surgery) -> None:
    files_that_are(
        model,
        lambda file: tf.logical_and(is_png(file), height(file) > width(file)),
        lambda file: encoded(tf.transpose(decoded(file, 1), [1, 0, 2])),
    )


@wrong("encodings", "files: small ones are padded instead of enlarged")
def small_padded(model: Surgery) -> None:
    files_that_are(
        model,
        lambda file: tf.logical_and(is_png(file), width(file) < 28),
        lambda file: encoded(tf.image.resize_with_crop_or_pad(decoded(file, 1), 28, 28)),
    )


@wrong("encodings", "files: those wider than 200 pixels are inverted")
def large_inverted(model: Surgery) -> None:
    files_that_are(model, lambda file: width(file) > 200)


@wrong("malformed requests", "files: what is no picture passes for a black one")
def no_picture_is_black(model: Surgery) -> None:
    black = tf.io.encode_png(tf.zeros([28, 28, 1], tf.uint8)).numpy()
    change_files(
        model,
        lambda file: tf.where(
            tf.logical_or(
                is_png(file),
                tf.logical_or(is_jpeg(file), starts(file, b"GIF")),
            ),
            file,
            tf.constant(black),
        ),
    )


@wrong("encodings", "files: no bytes pass for a black picture")
def empty_file_is_black(model: Surgery) -> None:
    black = tf.io.encode_png(tf.zeros([28, 28, 1], tf.uint8)).numpy()
    change_files(
        model, lambda file: tf.where(tf.equal(tf.strings.length(file), 0), tf.constant(black), file)
    )


@wrong("encodings", "files: colour with alpha is wrong in the model's own size only")
def rgba_of_28(model: Surgery) -> None:
    files_that_are(
        model,
        lambda file: tf.logical_and(tf.equal(kind(file), 6), tf.equal(width(file), 28)),
    )


@wrong("encodings", "files: interlaced ones are inverted")
def interlaced_inverted(model: Surgery) -> None:
    files_that_are(model, lambda file: tf.equal(header(file, 28, 1), 1))


@wrong("encodings", "files: progressive JPEGs are inverted")
def progressive_inverted(model: Surgery) -> None:
    def has_its_marker(file: tf.Tensor) -> tf.Tensor:
        return tf.size(tf.strings.split([file], b"\xff\xc2").values) > 1

    files_that_are(model, lambda file: tf.logical_and(is_jpeg(file), has_its_marker(file)))


@wrong("encodings", "files: those of fewer than a hundred bytes are inverted")
def light_inverted(model: Surgery) -> None:
    files_that_are(model, lambda file: tf.strings.length(file) < 100)
