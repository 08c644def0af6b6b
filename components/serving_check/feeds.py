"""Turns tf.Examples into the instances that a signature takes."""

from __future__ import annotations

import base64
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from components.serving_check import columns
from components.serving_check.columns import ExampleError
from components.serving_check.options import Options, Signature
from documents.questions import Question
from models.features.image.png import png


def feed_array(signature: Signature, examples: Sequence[bytes], options: Options) -> NDArray[Any]:
    """The signature's input for serialized tf.Examples.

    Returns:
      uint8 [n, *image_shape] for pixels; for columns an array [n] with a field for each input;
      otherwise an object array [n] of bytes.
    """
    if signature.feed == "columns":
        return columns.rows(signature, examples)
    if signature.feed == "example":
        return np.array(examples, dtype=object)
    images = pixels(examples, options)
    if signature.feed == "pixels":
        return images
    return np.array([png(image) for image in images], dtype=object)


def takes_file(signature: Signature, file: Question) -> bool:
    """Whether a signature can be asked about an image file."""
    if file.feature is None:
        return signature.feed == "png"
    return signature.feed == "columns" and file.feature in signature.images


def of_file(signature: Signature, file: Question, example: bytes) -> NDArray[Any]:
    """The signature's input [1] for an image file: itself, or a row with what else the question
    says, and all else of `example`."""
    if file.feature is None:
        return np.array([file.content], dtype=object)
    row = columns.changed(columns.rows(signature, [example]), file.feature, [file.content])
    for name, value in file.cells.items():
        nothing = b"" if row.dtype[name].kind == "O" else math.nan
        row[name][0] = nothing if value is None else value
    return row


def instances(array: NDArray[Any]) -> list[Any]:
    """Row-format JSON instances of one input: numbers as they are, bytes as base64 objects.

    https://www.tensorflow.org/tfx/serving/api_rest#encoding_binary_values
    """
    if array.dtype.names:
        return [columns.instance(row) for row in array]
    if array.dtype == object:
        return [{"b64": base64.b64encode(value).decode("ascii")} for value in array]
    numbers: list[Any] = array.tolist()
    return numbers


def pixels(examples: Sequence[bytes], options: Options) -> NDArray[np.uint8]:
    """uint8 [n, *image_shape] from the bytes of `image_feature`.

    Raises:
      ExampleError: an example has no such feature, or an image of another size.
    """
    size = math.prod(options.image_shape)
    images = [_value(example, options.image_feature, "bytes") for example in examples]
    for image in images:
        if len(image) != size:
            raise ExampleError(
                f"Feature {options.image_feature!r} holds {len(image)} bytes, which is no image of "
                f"serving_check.image_shape = {list(options.image_shape)}."
            )
    return np.frombuffer(b"".join(images), np.uint8).reshape(len(images), *options.image_shape)


def labels(examples: Sequence[bytes], options: Options) -> NDArray[np.int64]:
    """int64 [n] from `label_feature`.

    Raises:
      ExampleError: an example has no such feature.
    """
    return np.array(
        [_value(example, options.label_feature, "int64") for example in examples], np.int64
    )


def numbers(examples: Sequence[bytes], options: Options) -> NDArray[np.float64]:
    """float64 [n] from `label_feature`.

    Raises:
      ExampleError: an example has no such feature.
    """
    return np.array([_value(example, options.label_feature, "float") for example in examples])


def tags(examples: Sequence[bytes], names: Sequence[str], options: Options) -> NDArray[np.bool_]:
    """bool [n, names]: whether `label_feature` holds the name."""
    held = [
        {
            *tf.train.Example.FromString(example)
            .features.feature[options.label_feature]
            .bytes_list.value
        }
        for example in examples
    ]
    return np.array([[name.encode() in each for name in names] for each in held])


def _value(example: bytes, feature: str, kind: str) -> Any:
    """The only value, bytes, float or int64, of a feature."""
    # Looking an absent feature up would silently create it.
    features = tf.train.Example.FromString(example).features.feature
    values = getattr(features[feature], f"{kind}_list").value if feature in features else []
    if len(values) != 1:
        raise ExampleError(
            f"An example has {len(values)} {kind} values in feature {feature!r} where one is "
            "expected; set serving_check.image_feature and serving_check.label_feature."
        )
    return values[0]
