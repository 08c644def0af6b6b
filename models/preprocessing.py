"""The preprocessing that TensorFlow Transform turns into the graph of training and of serving."""

from __future__ import annotations

from collections.abc import Mapping

import tensorflow as tf

from models import features


def preprocessing_fn(inputs: Mapping[str, tf.Tensor]) -> dict[str, tf.Tensor]:
    """Turns raw features into what the network takes.

    Args:
      inputs: `image`, string [N], each 784 bytes of row-major uint8 pixels; `label`, int64 [N].

    Returns:
      `image`, float32 [N, 28, 28, 1] in [0, 1], which is what TensorFlow Hub's image modules expect
      (https://www.tensorflow.org/hub/common_signatures/images); and `label` as it came.

    The graph raises InvalidArgumentError for an image of another size.
    """
    image = inputs[features.IMAGE]
    # decode_raw's fixed_length would pad or cut an image of the wrong size without a word.
    pixels = tf.io.decode_raw(image, tf.uint8)
    # An explicit N rather than -1: two halves may not pass for one image.
    shape = tf.stack([tf.shape(image)[0], features.HEIGHT, features.WIDTH, 1])
    return {
        features.IMAGE: tf.cast(tf.reshape(pixels, shape), tf.float32) * (1.0 / 255.0),
        features.LABEL: tf.identity(inputs[features.LABEL]),
    }
