"""From a text to a vector: a TensorFlow Hub module that takes string [N]."""

from __future__ import annotations

import tensorflow as tf
import tensorflow_hub as hub
import tf_keras

from models.hub.interface import text_vector_length
from models.hub.module import HubError, Module


class TextEncoder(tf_keras.layers.Layer):
    """string [N] to float32 [N, width]."""

    def __init__(self, module: Module, *, trainable: bool):
        """Loads the module. Raises HubError when it does not take texts, or gives no vector."""
        super().__init__(trainable=trainable, name="text_encoder")
        self.width = text_vector_length(module)
        try:
            self.layer = hub.KerasLayer(
                str(module.path), trainable=trainable, dtype=tf.string, input_shape=[]
            )
        except (ValueError, TypeError, AttributeError, tf.errors.OpError) as error:
            reason = str(error).strip().partition("\n")[0].rstrip(".")
            raise HubError(
                f"hub.handle {module.handle} cannot be loaded ({reason}): choose another module."
            ) from error

    @property
    def served(self) -> tf.Module:
        """What the graph of an exported model uses."""
        return self.layer.resolved_object

    def call(self, texts: tf.Tensor, training: bool = False) -> tf.Tensor:
        """string [N], empty where one is missing, to float32 [N, width]."""
        return tf.ensure_shape(self.layer(texts, training=training), [None, self.width])
