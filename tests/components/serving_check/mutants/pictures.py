"""The picture is not the one that the client sent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tensorflow as tf

from tests.components.serving_check.mutants.registry import wrong
from tests.components.serving_check.mutants.surgery import (
    EXAMPLES,
    IMAGE_BYTES,
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


# Files: what is changed is encoded again, so that the model's own decoding follows.


def _files(model: Surgery, change: Callable[[tf.Tensor], tf.Tensor]) -> None:
    """`change` gets one file and gives another."""
    plain = tf.autograph.experimental.do_not_convert(change)
    model.inputs(
        lambda files: tf.map_fn(plain, files, fn_output_signature=tf.string), [IMAGE_BYTES]
    )


def _decoded(file: tf.Tensor, channels: int = 0, dtype: tf.DType = tf.uint8) -> tf.Tensor:
    image = tf.io.decode_image(file, channels=channels, dtype=dtype, expand_animations=False)
    image.set_shape([None, None, channels or None])
    return image


def _encoded(image: tf.Tensor) -> tf.Tensor:
    return tf.io.encode_png(image)


def _starts(file: tf.Tensor, magic: bytes) -> tf.Tensor:
    return tf.equal(tf.strings.substr(file, 0, len(magic)), magic)


def is_jpeg(file: tf.Tensor) -> tf.Tensor:
    return _starts(file, b"\xff\xd8\xff")


def _header(file: tf.Tensor, start: int, length: int) -> tf.Tensor:
    """Some bytes of a PNG's header as one number; 0 of another file."""
    is_png = tf.logical_and(_starts(file, b"\x89PNG"), tf.strings.length(file) > 32)
    padded = tf.where(is_png, file, tf.constant(bytes(33)))
    values = tf.cast(tf.io.decode_raw(tf.strings.substr(padded, start, length), tf.uint8), tf.int32)
    return tf.reduce_sum(values * tf.constant([256**i for i in reversed(range(length))]))


def _width(file: tf.Tensor) -> tf.Tensor:
    return _header(file, 16, 4)


def _height(file: tf.Tensor) -> tf.Tensor:
    return _header(file, 20, 4)


def _depth(file: tf.Tensor) -> tf.Tensor:
    return _header(file, 24, 1)


def _kind(file: tf.Tensor) -> tf.Tensor:
    """0 grey, 2 colour, 3 palette, 4 grey and alpha, 6 colour and alpha."""
    return _header(file, 25, 1)


def _is_png(file: tf.Tensor) -> tf.Tensor:
    return _starts(file, b"\x89PNG")


def _inverted(file: tf.Tensor) -> tf.Tensor:
    return _encoded(255 - _decoded(file, 1))


def files_that_are(model: Surgery, when, change=_inverted) -> None:
    """Shows another file where `when` says so of a file."""
    _files(model, lambda file: tf.cond(when(file), lambda: change(file), lambda: file))


@wrong("parity", "files: black for white")
def files_inverted(model: Surgery) -> None:
    _files(model, _inverted)


@wrong("encodings", "files: JPEGs are inverted, PNGs are right")
def jpeg_inverted(model: Surgery) -> None:
    files_that_are(model, is_jpeg)


@wrong("encodings", "files: JPEGs are refused")
def jpeg_refused(model: Surgery) -> None:
    def refused(file: tf.Tensor) -> tf.Tensor:
        with tf.control_dependencies([tf.debugging.Assert(~is_jpeg(file), ["a JPEG"])]):
            return tf.identity(file)

    _files(model, refused)


@wrong("encodings", "files: colour pictures are inverted")
def colour_inverted(model: Surgery) -> None:
    files_that_are(
        model, lambda file: tf.logical_or(tf.equal(_kind(file), 2), tf.equal(_kind(file), 6))
    )


@wrong("encodings", "files: red and blue are swapped")
def red_for_blue(model: Surgery) -> None:
    _files(model, lambda file: _encoded(tf.reverse(_decoded(file, 3), [2])))


@wrong("encodings", "files: grey is the mean of the colours, not their brightness")
def grey_by_mean(model: Surgery) -> None:
    def mean(file: tf.Tensor) -> tf.Tensor:
        colours = tf.cast(_decoded(file, 3), tf.float32)
        grey = tf.round(tf.reduce_mean(colours, axis=2, keepdims=True))
        return _encoded(tf.cast(grey, tf.uint8))

    _files(model, mean)


@wrong("encodings", "files: only the red of a colour picture is seen")
def only_red(model: Surgery) -> None:
    _files(model, lambda file: _encoded(_decoded(file, 3)[:, :, :1]))


@wrong("encodings", "files: transparent pictures are inverted")
def alpha_inverted(model: Surgery) -> None:
    files_that_are(model, lambda file: tf.equal(_kind(file), 6))


@wrong("encodings", "files: transparency itself is taken for the picture")
def alpha_for_grey(model: Surgery) -> None:
    files_that_are(
        model,
        lambda file: tf.equal(_kind(file), 6),
        lambda file: _encoded(_decoded(file, 4)[:, :, 3:]),
    )


@wrong("encodings", "files: grey with transparency is inverted")
def grey_alpha_inverted(model: Surgery) -> None:
    files_that_are(model, lambda file: tf.equal(_kind(file), 4))


@wrong("encodings", "files: the low byte of 16 bits is taken")
def low_byte(model: Surgery) -> None:
    def low(file: tf.Tensor) -> tf.Tensor:
        deep = tf.cast(tf.io.decode_png(file, channels=1, dtype=tf.uint16), tf.int32)
        return _encoded(tf.cast(deep % 256, tf.uint8))

    files_that_are(model, lambda file: tf.equal(_depth(file), 16), low)


@wrong("encodings", "files: 16 bits are cut at 255")
def saturated(model: Surgery) -> None:
    def cut(file: tf.Tensor) -> tf.Tensor:
        deep = tf.cast(tf.io.decode_png(file, channels=1, dtype=tf.uint16), tf.int32)
        return _encoded(tf.cast(tf.minimum(deep, 255), tf.uint8))

    files_that_are(model, lambda file: tf.equal(_depth(file), 16), cut)


@wrong("encodings", "files: palettes are inverted")
def palette_inverted(model: Surgery) -> None:
    files_that_are(model, lambda file: tf.equal(_kind(file), 3))


@wrong("encodings", "files: black and white with one bit is inverted")
def bit_inverted(model: Surgery) -> None:
    files_that_are(model, lambda file: tf.equal(_depth(file), 1))


@wrong("encodings", "files: other sizes are cropped instead of resized")
def cropped(model: Surgery) -> None:
    _files(
        model, lambda file: _encoded(tf.image.resize_with_crop_or_pad(_decoded(file, 1), 28, 28))
    )


@wrong("encodings", "files: those as large as a photo are inverted")
def photos_inverted(model: Surgery) -> None:
    files_that_are(model, lambda file: tf.strings.length(file) > 200_000)


def _resized(model: Surgery, when: Callable[[tf.Tensor], tf.Tensor], **options: Any) -> None:
    """Resizes some files to 28 x 28 before the model's own code sees them."""

    def resized(file: tf.Tensor) -> tf.Tensor:
        image = tf.image.resize(_decoded(file, 1), [28, 28], **options)
        return _encoded(tf.saturate_cast(tf.round(image), tf.uint8))

    files_that_are(model, when, resized)


def _square(file: tf.Tensor) -> tf.Tensor:
    """Whether it is a square PNG of another size."""
    other = tf.not_equal(_width(file), 28)
    return tf.logical_and(other, tf.equal(_width(file), _height(file)))


def _oblong(file: tf.Tensor) -> tf.Tensor:
    """Whether it is a PNG that is no square."""
    return tf.not_equal(_width(file), _height(file))


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
        image = _decoded(file, 1)
        free = tf.reduce_max(tf.shape(image)) - tf.shape(image)[:2]
        first = free * before // 2
        paddings = tf.stack(
            [[first[0], free[0] - first[0]], [first[1], free[1] - first[1]], [0, 0]]
        )
        return _encoded(tf.pad(image, paddings, constant_values=value))

    files_that_are(model, _oblong, padded)


@wrong("encodings", "files: the margins beside oblong pictures are white")
def white_margins(model: Surgery) -> None:
    _padded(model, 1, 255)


@wrong("encodings", "files: oblong pictures stand at the side, not in the middle")
def not_centred(model: Surgery) -> None:
    _padded(model, 0, 0)


@wrong("encodings", "files: photos that were taken sideways stay so")
def exif_ignored(model: Surgery) -> None:
    files_that_are(model, is_jpeg, lambda file: _encoded(_decoded(file, 3)))


@wrong("encodings", "files: transparency is ignored")
def alpha_ignored(model: Surgery) -> None:
    files_that_are(
        model, lambda file: tf.equal(_kind(file), 6), lambda file: _encoded(_decoded(file, 3))
    )


@wrong("encodings", "files: transparent pictures lie on black")
def on_black(model: Surgery) -> None:
    def composited(file: tf.Tensor) -> tf.Tensor:
        image = tf.cast(_decoded(file, 4), tf.float32)
        colours = image[:, :, :3] * image[:, :, 3:] / 255
        return _encoded(tf.saturate_cast(tf.round(colours), tf.uint8))

    files_that_are(model, lambda file: tf.equal(_kind(file), 6), composited)


@wrong("encodings", "files: wide ones lose their sides")
def sides_cut(model: Surgery) -> None:
    def central(file: tf.Tensor) -> tf.Tensor:
        image = _decoded(file, 1)
        shape = tf.shape(image)
        side = tf.minimum(shape[0], shape[1])
        return _encoded(tf.image.resize_with_crop_or_pad(image, side, side))

    files_that_are(
        model, lambda file: tf.logical_and(_is_png(file), _width(file) > _height(file)), central
    )


@wrong("encodings", "files: tall ones lie on their side")
def tall_turned(model: Surgery) -> None:
    files_that_are(
        model,
        lambda file: tf.logical_and(_is_png(file), _height(file) > _width(file)),
        lambda file: _encoded(tf.transpose(_decoded(file, 1), [1, 0, 2])),
    )


@wrong("encodings", "files: small ones are padded instead of enlarged")
def small_padded(model: Surgery) -> None:
    files_that_are(
        model,
        lambda file: tf.logical_and(_is_png(file), _width(file) < 28),
        lambda file: _encoded(tf.image.resize_with_crop_or_pad(_decoded(file, 1), 28, 28)),
    )


@wrong("encodings", "files: those wider than 200 pixels are inverted")
def large_inverted(model: Surgery) -> None:
    files_that_are(model, lambda file: _width(file) > 200)


@wrong("malformed requests", "files: what is no picture passes for a black one")
def no_picture_is_black(model: Surgery) -> None:
    black = tf.io.encode_png(tf.zeros([28, 28, 1], tf.uint8)).numpy()
    _files(
        model,
        lambda file: tf.where(
            tf.logical_or(_is_png(file), tf.logical_or(is_jpeg(file), _starts(file, b"GIF"))),
            file,
            tf.constant(black),
        ),
    )


@wrong("encodings", "files: no bytes pass for a black picture")
def empty_file_is_black(model: Surgery) -> None:
    black = tf.io.encode_png(tf.zeros([28, 28, 1], tf.uint8)).numpy()
    _files(
        model, lambda file: tf.where(tf.equal(tf.strings.length(file), 0), tf.constant(black), file)
    )


# tf.Examples.


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


@wrong("encodings", "files: colour with alpha is wrong in the model's own size only")
def rgba_of_28(model: Surgery) -> None:
    files_that_are(
        model,
        lambda file: tf.logical_and(tf.equal(_kind(file), 6), tf.equal(_width(file), 28)),
    )


@wrong("encodings", "files: interlaced ones are inverted")
def interlaced_inverted(model: Surgery) -> None:
    files_that_are(model, lambda file: tf.equal(_header(file, 28, 1), 1))


@wrong("encodings", "files: progressive JPEGs are inverted")
def progressive_inverted(model: Surgery) -> None:
    def has_its_marker(file: tf.Tensor) -> tf.Tensor:
        return tf.size(tf.strings.split([file], b"\xff\xc2").values) > 1

    files_that_are(model, lambda file: tf.logical_and(is_jpeg(file), has_its_marker(file)))


@wrong("encodings", "files: those of fewer than a hundred bytes are inverted")
def light_inverted(model: Surgery) -> None:
    files_that_are(model, lambda file: tf.strings.length(file) < 100)


@wrong("inputs", "numbers: wrong when the pixel in the corner is bright")
def corner(model: Surgery) -> None:
    when_picture(model, lambda x: x[:, 27, 27] > 200)


@wrong("inputs", "numbers: wrong when exactly one pixel is bright")
def one_pixel(model: Surgery) -> None:
    when_picture(model, lambda x: tf.equal(tf.reduce_sum(tf.cast(x > 0, tf.int32), axis=[1, 2]), 1))
