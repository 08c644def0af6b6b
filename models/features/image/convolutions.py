"""A small convolutional network that makes a vector of an image."""

from __future__ import annotations

import math
from collections.abc import Sequence

import tensorflow as tf

STAGES: Sequence[Sequence[int]] = ((16, 16), (32, 32), (64, 64), (128,))
"""Filters of the convolutions of each stage; stages are two pixels to one apart."""


class Convolution(tf.Module):
    """3 x 3 convolution, batch normalization, ReLU."""

    MOMENTUM = 0.9
    EPSILON = 1e-3

    def __init__(self, inputs: int, filters: int, *, seed: int, name: str):
        super().__init__(name=name)
        shape = (3, 3, inputs, filters)
        # He et al. 2015: the variance that ReLU layers keep.
        deviation = math.sqrt(2 / (9 * inputs))
        with self.name_scope:
            self.kernel = tf.Variable(
                tf.random.stateless_truncated_normal(shape, (seed, 0), stddev=deviation),
                name="kernel",
            )
            self.gamma = tf.Variable(tf.ones(filters), name="gamma")
            self.beta = tf.Variable(tf.zeros(filters), name="beta")
            self.mean = tf.Variable(tf.zeros(filters), trainable=False, name="moving_mean")
            self.variance = tf.Variable(tf.ones(filters), trainable=False, name="moving_variance")

    def __call__(self, images: tf.Tensor, *, training: bool) -> tf.Tensor:
        outputs = tf.nn.conv2d(images, self.kernel, strides=1, padding="SAME")
        if training:
            outputs, mean, variance = tf.compat.v1.nn.fused_batch_norm(
                outputs, self.gamma, self.beta, epsilon=self.EPSILON, is_training=True
            )
            self.mean.assign_sub((1 - self.MOMENTUM) * (self.mean - mean))
            self.variance.assign_sub((1 - self.MOMENTUM) * (self.variance - variance))
        else:
            outputs, _, _ = tf.compat.v1.nn.fused_batch_norm(
                outputs,
                self.gamma,
                self.beta,
                mean=self.mean,
                variance=self.variance,
                epsilon=self.EPSILON,
                is_training=False,
            )
        return tf.nn.relu(outputs)


class Convolutions(tf.Module):
    """float32 [N, height, width, channels] in [0, 1] to float32 [N, 128], for any size.

    Plain operations rather than layers keep the saved graph small and free of Keras metadata.
    """

    def __init__(self, channels: int, *, mean: float, deviation: float, seed: int, name: str):
        """`mean` and `deviation` are those of the pixels, about."""
        super().__init__(name=name)
        self.width = STAGES[-1][-1]
        self._mean, self._scale = mean, 1 / deviation
        self.stages: list[list[Convolution]] = []
        filters = channels
        for widths in STAGES:
            stage: list[Convolution] = []
            for width in widths:
                number = sum(map(len, self.stages)) + len(stage) + 1
                stage.append(Convolution(filters, width, seed=seed + number, name=f"conv{number}"))
                filters = width
            self.stages.append(stage)

    def __call__(self, inputs: tf.Tensor, training: bool = False) -> tf.Tensor:
        outputs = (inputs - self._mean) * self._scale
        for index, stage in enumerate(self.stages):
            # Of a tiny image nothing would be left.
            if index and min(outputs.shape[1:3]) > 1:
                outputs = tf.nn.max_pool2d(outputs, 2, 2, padding="VALID")
            for convolution in stage:
                outputs = convolution(outputs, training=training)
        return tf.reduce_mean(outputs, axis=[1, 2])
