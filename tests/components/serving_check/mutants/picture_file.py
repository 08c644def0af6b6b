"""Files of pictures inside a graph: what they are, and others in their place.

What is changed is encoded again, so that the model's own decoding follows.
"""

from __future__ import annotations

from collections.abc import Callable

import tensorflow as tf

from tests.components.serving_check.mutants.surgery import IMAGE_BYTES, Surgery


def change_files(model: Surgery, change: Callable[[tf.Tensor], tf.Tensor]) -> None:
    """`change` gets one file and gives another."""
    plain = tf.autograph.experimental.do_not_convert(change)
    model.inputs(
        lambda files: tf.map_fn(plain, files, fn_output_signature=tf.string), [IMAGE_BYTES]
    )


def decoded(file: tf.Tensor, channels: int = 0, dtype: tf.DType = tf.uint8) -> tf.Tensor:
    image = tf.io.decode_image(file, channels=channels, dtype=dtype, expand_animations=False)
    image.set_shape([None, None, channels or None])
    return image


def encoded(image: tf.Tensor) -> tf.Tensor:
    return tf.io.encode_png(image)


def starts(file: tf.Tensor, magic: bytes) -> tf.Tensor:
    return tf.equal(tf.strings.substr(file, 0, len(magic)), magic)


def is_jpeg(file: tf.Tensor) -> tf.Tensor:
    return starts(file, b"\xff\xd8\xff")


def header(file: tf.Tensor, start: int, length: int) -> tf.Tensor:
    """Some bytes of a PNG's header as one number; 0 of another file."""
    is_png = tf.logical_and(starts(file, b"\x89PNG"), tf.strings.length(file) > 32)
    padded = tf.where(is_png, file, tf.constant(bytes(33)))
    values = tf.cast(tf.io.decode_raw(tf.strings.substr(padded, start, length), tf.uint8), tf.int32)
    return tf.reduce_sum(values * tf.constant([256**i for i in reversed(range(length))]))


def width(file: tf.Tensor) -> tf.Tensor:
    return header(file, 16, 4)


def height(file: tf.Tensor) -> tf.Tensor:
    return header(file, 20, 4)


def depth(file: tf.Tensor) -> tf.Tensor:
    return header(file, 24, 1)


def kind(file: tf.Tensor) -> tf.Tensor:
    """0 grey, 2 colour, 3 palette, 4 grey and alpha, 6 colour and alpha."""
    return header(file, 25, 1)


def is_png(file: tf.Tensor) -> tf.Tensor:
    return starts(file, b"\x89PNG")


def inverted(file: tf.Tensor) -> tf.Tensor:
    return encoded(255 - decoded(file, 1))


def files_that_are(model: Surgery, when, change=inverted) -> None:
    """Shows another file where `when` says so of a file."""
    change_files(model, lambda file: tf.cond(when(file), lambda: change(file), lambda: file))
