"""From the pixels that an example holds to what a network takes."""

from __future__ import annotations

import tensorflow as tf

from models.features.image.kind import Image
from models.features.parts import Parts


def transform(image: Image, name: str, values: tf.Tensor) -> Parts:
    """An image is one, float32 [N, height, width, channels] from 0 to 1."""
    return Parts(images={name: scaled(image, values)})


def scaled(image: Image, pixels: tf.Tensor) -> tf.Tensor:
    """string [N], each the row-major uint8 pixels of an image, to float32 [N, h, w, c] in [0, 1].

    That is what TensorFlow Hub's image modules expect
    (https://www.tensorflow.org/hub/common_signatures/images).

    The graph raises InvalidArgumentError for an image of another size.
    """
    # decode_raw's fixed_length would pad or cut an image of the wrong size without a word.
    values = tf.io.decode_raw(pixels, tf.uint8)
    # An explicit N rather than -1: two halves may not pass for one image.
    shape = tf.stack([tf.shape(pixels)[0], *image.size, image.channels])
    return tf.cast(tf.reshape(values, shape), tf.float32) * (1.0 / 255.0)
