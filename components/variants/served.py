"""The frozen graph as a SavedModel that model servers take in place of the model."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from components.variants.frozen import Frozen, Shapes, input_names, optimized


def save_frozen(frozen: Frozen, folder: str) -> None:
    """Writes a SavedModel without variables, of an optimised graph. Its signatures:

    - `serving_default`: each feature by its plain name, images as uint8 pixels [N, h, w, c].
    - `examples`: serialized tf.Examples, as the model's own.
    """
    function, shapes, names = optimized(frozen), frozen.inputs, input_names(frozen.inputs)
    specs = {
        names[name]: tf.TensorSpec([None, *shape], tf.uint8 if shape else tf.float32, names[name])
        for name, shape in shapes.items()
    }

    def answered(tensors: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        given = [tf.cast(tensors[names[name]], tf.float32) for name in shapes]
        [found] = function(*given)
        return {frozen.output: found}

    @tf.function(input_signature=[specs], autograph=False)
    def serving_default(features: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        return answered(features)

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, "examples")], autograph=False)
    def examples(examples: tf.Tensor) -> dict[str, tf.Tensor]:
        return answered(parsed(examples, shapes))

    module = tf.Module(name="frozen_graph")
    tf.saved_model.save(
        module, folder, signatures={"serving_default": serving_default, "examples": examples}
    )


def parsed(examples: tf.Tensor, shapes: Shapes) -> dict[str, tf.Tensor]:
    """Serialized tf.Examples, string [N], to each input by its plain name: images as uint8 pixels
    [N, h, w, c], numbers as float32 [N], NaN where one is missing."""
    names, spec = input_names(shapes), {}
    for name, shape in shapes.items():
        missing = None if shape else float("nan")
        dtype = tf.string if shape else tf.float32
        spec[name] = tf.io.FixedLenFeature([], dtype, missing)
    parsed: dict[str, Any] = tf.io.parse_example(examples, spec)
    return {
        names[name]: tf.reshape(tf.io.decode_raw(parsed[name], tf.uint8), [-1, *shape])
        if shape
        else parsed[name]
        for name, shape in shapes.items()
    }
