"""Turns tf.Examples into the instances that a signature takes."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray
from PIL import Image

from components.serving_check.options import Options, Signature


def feed_array(signature: Signature, examples: Sequence[bytes], options: Options) -> NDArray[Any]:
    """The signature's input for serialized tf.Examples.

    Returns:
      uint8 [n, *image_shape] for pixels; otherwise an object array [n] of bytes.
    """
    if signature.feed == "example":
        return np.array(examples, dtype=object)
    images = pixels(examples, options)
    if signature.feed == "pixels":
        return images
    return np.array([_png(image) for image in images], dtype=object)


def instances(array: NDArray[Any]) -> list[Any]:
    """Row-format JSON instances of one input: numbers as they are, bytes as base64 objects.

    https://www.tensorflow.org/tfx/serving/api_rest#encoding_binary_values
    """
    if array.dtype == object:
        return [{"b64": base64.b64encode(value).decode("ascii")} for value in array]
    return array.tolist()


def pixels(examples: Sequence[bytes], options: Options) -> NDArray[np.uint8]:
    """uint8 [n, *image_shape] from the bytes of `image_feature`."""
    images = [
        tf.train.Example.FromString(example)
        .features.feature[options.image_feature]
        .bytes_list.value[0]
        for example in examples
    ]
    return np.frombuffer(b"".join(images), np.uint8).reshape(len(images), *options.image_shape)


def labels(examples: Sequence[bytes], options: Options) -> NDArray[np.int64]:
    """int64 [n] from `label_feature`."""
    return np.array(
        [
            tf.train.Example.FromString(example)
            .features.feature[options.label_feature]
            .int64_list.value[0]
            for example in examples
        ],
        dtype=np.int64,
    )


def _png(image: NDArray[np.uint8]) -> bytes:
    file = io.BytesIO()
    Image.fromarray(image).save(file, "png")
    return file.getvalue()
