"""EfficientNet-Lite0: Tan and Le 2019, https://arxiv.org/abs/1905.11946, without squeeze and swish.

https://github.com/tensorflow/tpu/tree/master/models/official/efficientnet/lite
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import tensorflow as tf
from numpy.typing import NDArray

WIDTH = 1280
_STAGES = (
    # Blocks, stride of the first one, expansion; kernels and filters are as the weights have them.
    (1, 1, 1),
    (2, 2, 6),
    (2, 2, 6),
    (3, 2, 6),
    (3, 1, 6),
    (4, 2, 6),
    (1, 1, 6),
)
_MEAN, _DEVIATION = 127 / 255, 128 / 255
"""Of pixels from 0 to 1."""
_EPSILON, _MOMENTUM = 1e-3, 0.99

State = Mapping[str, NDArray[Any]]
"""Weights by their names in PyTorch."""


class Normalized(tf.Module):
    """A convolution without offset, and batch normalization."""

    def __init__(self, state: State, convolution: str, normalization: str, *, stride: int = 1):
        super().__init__()
        kernel = state[f"{convolution}.weight"]
        # A kernel of each channel by itself has one input channel, [C, 1, k, k].
        self._is_depthwise = kernel.shape[1] == 1 and kernel.shape[0] > 1
        order = (2, 3, 0, 1) if self._is_depthwise else (2, 3, 1, 0)
        self._stride = stride
        self.kernel = tf.Variable(kernel.transpose(order), name="kernel")
        of = {
            "gamma": "weight",
            "beta": "bias",
            "moving_mean": "running_mean",
            "moving_variance": "running_var",
        }
        self.gamma, self.beta, self.mean, self.variance = (
            tf.Variable(state[f"{normalization}.{theirs}"], "running" not in theirs, name=ours)
            for ours, theirs in of.items()
        )

    def __call__(self, images: tf.Tensor, *, training: bool) -> tf.Tensor:
        strides = [1, self._stride, self._stride, 1]
        convolve = tf.nn.depthwise_conv2d if self._is_depthwise else tf.nn.conv2d
        outputs = convolve(images, self.kernel, strides, "SAME")
        scale = {"scale": self.gamma, "offset": self.beta, "epsilon": _EPSILON}
        normalize = tf.compat.v1.nn.fused_batch_norm
        if not training:
            found = normalize(
                outputs, mean=self.mean, variance=self.variance, is_training=False, **scale
            )
            return found[0]
        outputs, mean, variance = normalize(outputs, is_training=True, **scale)
        self.mean.assign_sub((1 - _MOMENTUM) * (self.mean - mean))
        self.variance.assign_sub((1 - _MOMENTUM) * (self.variance - variance))
        return outputs


class Block(tf.Module):
    """Wider, each channel by itself, narrower; added to what came in where that has its shape."""

    def __init__(self, state: State, name: str, stride: int, expansion: int, *, is_added: bool):
        super().__init__()
        self.expand = None
        if expansion > 1:
            self.expand = Normalized(state, f"{name}._expand_conv", f"{name}._bn0")
        self.depthwise = Normalized(state, f"{name}._depthwise_conv", f"{name}._bn1", stride=stride)
        self.project = Normalized(state, f"{name}._project_conv", f"{name}._bn2")
        self._is_added = is_added

    def __call__(self, images: tf.Tensor, *, training: bool) -> tf.Tensor:
        outputs = images
        if self.expand:
            outputs = tf.nn.relu6(self.expand(outputs, training=training))
        outputs = tf.nn.relu6(self.depthwise(outputs, training=training))
        outputs = self.project(outputs, training=training)
        return images + outputs if self._is_added else outputs


class EfficientNetLite0(tf.Module):
    """float32 [N, height, width, 3] in [0, 1] to float32 [N, 1280], for any size."""

    def __init__(self, state: State):
        """Raises KeyError where a weight is missing."""
        super().__init__(name="efficientnet_lite0")
        self.stem = Normalized(state, "_conv_stem", "_bn0", stride=2)
        self.blocks = [
            Block(state, f"_blocks.{place}", stride, expansion, is_added=is_added)
            for place, (stride, expansion, is_added) in enumerate(_blocks())
        ]
        self.head = Normalized(state, "_conv_head", "_bn1")

    def __call__(self, images: tf.Tensor, training: bool = False) -> tf.Tensor:
        outputs = (images - _MEAN) / _DEVIATION
        outputs = tf.nn.relu6(self.stem(outputs, training=training))
        for block in self.blocks:
            outputs = block(outputs, training=training)
        outputs = tf.nn.relu6(self.head(outputs, training=training))
        return tf.reduce_mean(outputs, [1, 2])


def _blocks() -> Iterator[tuple[int, int, bool]]:
    """Stride, expansion, and whether the input is added, of each block."""
    for count, stride, expansion in _STAGES:
        yield stride, expansion, False
        for _ in range(count - 1):
            yield 1, expansion, True
