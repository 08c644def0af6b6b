"""The transform graph as a function: training, evaluation and every signature go through it."""

from __future__ import annotations

import tensorflow as tf
import tensorflow_transform as tft

from models import features


class TransformGraph:
    """What the Transform node wrote, loaded once."""

    def __init__(self, folder: str):
        """Loads `folder`, the uri of a TransformGraph artifact."""
        output = tft.TFTransformOutput(folder)
        self._layer = output.transform_features_layer()
        self._raw_spec = output.raw_feature_spec()

    def images(self, raw: tf.Tensor) -> tf.Tensor:
        """string [N] of raw pixels to the network's float32 [N, 28, 28, 1]."""
        return self._layer({features.IMAGE: raw})[features.IMAGE]

    def parse(self, examples: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """string [N] of serialized tf.Examples to images [N, 28, 28, 1] and labels int64 [N]."""
        transformed = self._layer(tf.io.parse_example(examples, self._raw_spec))
        return transformed[features.IMAGE], transformed[features.LABEL]

    def parse_image(self, examples: tf.Tensor) -> tf.Tensor:
        """string [N] of serialized tf.Examples, labelled or not, to string [N] of raw pixels."""
        spec = {features.IMAGE: self._raw_spec[features.IMAGE]}
        return tf.io.parse_example(examples, spec)[features.IMAGE]
