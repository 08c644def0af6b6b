"""Random changes of training images that keep their labels true."""

from __future__ import annotations

import tensorflow as tf

MAX_SHIFT = 1
"""Pixels, up, down, left and right.

Where what is shown is centred, larger shifts cost accuracy: on grey pictures of 28 pixels half a
point in 5 epochs. Without any, an image that is one pixel off costs 2 points.
"""


def flip_and_shift(images: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    """Mirrors half of the images left to right and shifts each by up to MAX_SHIFT pixels.

    Args:
      images: float32 [N, height, width, C]; what is shifted in is 0.
      seed: integers [2]; equal seeds change equal batches in the same way.
    """
    count = tf.shape(images)[0]
    height, width = images.shape[1:3]
    below, mirrored = tf.unstack(tf.random.experimental.stateless_split(seed, 2))
    shifts = tf.random.stateless_uniform(
        [2, count, 1], below, -MAX_SHIFT, MAX_SHIFT + 1, dtype=tf.int32
    )
    rows = tf.range(height) + shifts[0] + MAX_SHIFT
    columns = tf.range(width) + shifts[1] + MAX_SHIFT
    mirror = tf.random.stateless_uniform([count, 1], mirrored) < 0.5
    columns = tf.where(mirror, tf.reverse(columns, [1]), columns)
    margin = [MAX_SHIFT, MAX_SHIFT]
    padded = tf.pad(images, [[0, 0], margin, margin, [0, 0]])
    return tf.gather(tf.gather(padded, rows, axis=1, batch_dims=1), columns, axis=2, batch_dims=1)
