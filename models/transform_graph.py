"""The transform graph as a function: training, evaluation and every signature go through it."""

from __future__ import annotations

from collections.abc import Mapping

import tensorflow as tf
import tensorflow_transform as tft

from models.declaration import Declaration

Tensors = dict[str, tf.Tensor]


class TransformGraph:
    """What the Transform node wrote, loaded once."""

    def __init__(self, folder: str, declaration: Declaration):
        """Loads `folder`, the uri of a TransformGraph artifact."""
        output = tft.TFTransformOutput(folder)
        self._layer = output.transform_features_layer()
        self._raw_spec = output.raw_feature_spec()
        self._label = declaration.label.name
        self._features = tuple(declaration.used)

    def transform(self, raw: Mapping[str, tf.Tensor]) -> Tensors:
        """Features as examples hold them, without the label, to what the network takes."""
        return self._layer(dict(raw))

    def parse(self, examples: tf.Tensor) -> tuple[Tensors, tf.Tensor]:
        """string [N] of serialized tf.Examples to what the network takes, and the labels [N]."""
        transformed = self._layer(tf.io.parse_example(examples, self._raw_spec))
        label = transformed.pop(self._label)
        return transformed, label

    def parse_features(self, examples: tf.Tensor) -> Tensors:
        """string [N] of serialized tf.Examples, labelled or not, to their features."""
        spec = {name: self._raw_spec[name] for name in self._features}
        return tf.io.parse_example(examples, spec)
