"""Examples as dense tensors, which .tflite files take, and as records of them for TFMA."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from components.variants.frozen import Shapes, input_names

_MISSING = float("nan")


def tensors(record: bytes, shapes: Shapes) -> list[NDArray[np.float32]]:
    """float32 [1, ...] for each input: pixels from 0 to 255, numbers, NaN where one is missing."""
    features = tf.train.Example.FromString(record).features.feature
    return [_tensor(features[name], shape) for name, shape in shapes.items()]


def dense_records(records: Iterator[bytes], shapes: Shapes) -> Iterator[bytes]:
    """Serialized tf.Examples with each input as floats by its plain name; the label as it was."""
    names = input_names(shapes)
    for record in records:
        example = tf.train.Example.FromString(record)
        for name, shape in shapes.items():
            values = _tensor(example.features.feature[name], shape).ravel()
            del example.features.feature[name]
            example.features.feature[names[name]].float_list.value.extend(values)
        yield example.SerializeToString()


def _tensor(feature: tf.train.Feature, shape: Sequence[int]) -> NDArray[np.float32]:
    if shape:
        [content] = feature.bytes_list.value
        return np.frombuffer(content, np.uint8).astype(np.float32).reshape([1, *shape])
    values = feature.float_list.value
    return np.array([values[0] if values else _MISSING], np.float32)
