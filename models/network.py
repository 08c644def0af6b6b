"""The network: a TensorFlow Hub module and a dense layer over its output."""

from __future__ import annotations

import tensorflow as tf
import tensorflow_hub as hub
import tf_keras

from models import features
from models.hub import Module


class NetworkError(ValueError):
    """The Hub module is not one that turns images into feature vectors."""


class Network(tf_keras.Model):
    """Images to one logit per label; call it in graphs made with `autograph=False`."""

    def __init__(self, module: Module, *, trainable: bool, seed: int):
        """Loads the module and initializes the dense layer by `seed`.

        Raises NetworkError when the module does not take images, or gives no feature vector.
        """
        super().__init__(name="network")
        try:
            self.encoder = hub.KerasLayer(str(module.path), trainable=trainable, name="encoder")
            self._image_shape, width = _interface(self.encoder)
        except (ValueError, TypeError, AttributeError) as error:
            raise NetworkError(
                f"hub.handle {module.handle} is no image feature vector in the TF2 SavedModel "
                f"format ({_first_line(error)}): choose such a module."
            ) from error
        glorot = tf_keras.initializers.GlorotUniform(seed)
        self.head = tf_keras.layers.Dense(
            len(features.LABELS), kernel_initializer=glorot, name="head"
        )
        self.head.build([None, width])

    def call(self, images: tf.Tensor, training: bool = False) -> tf.Tensor:
        """float32 [N, 28, 28, 1] in [0, 1] to logits, float32 [N, 10]."""
        return self.head(self.encoder(self._adapted(images), training=training))

    def _adapted(self, images: tf.Tensor) -> tf.Tensor:
        """Grey 28 x 28 images as the module wants them; the shipped one wants just these."""
        height, width, channels = self._image_shape
        size = [height or features.HEIGHT, width or features.WIDTH]
        if size != [features.HEIGHT, features.WIDTH]:
            images = tf.image.resize(images, size)
        return tf.image.grayscale_to_rgb(images) if channels == 3 else images


def _interface(layer: hub.KerasLayer) -> tuple[tuple[int | None, int | None, int], int]:
    """Height and width (None where any will do) and channels of the images; width of the output."""
    trace = layer.resolved_object.__call__.concrete_functions[0]
    images = trace.structured_input_signature[0][0].shape
    if images.rank != 4 or images[3] not in (1, 3):
        raise ValueError(f"its input has shape {images}")
    outputs = trace.output_shapes
    if outputs.rank != 2 or outputs[1] is None:
        raise ValueError(f"its output has shape {outputs}")
    return (images[1], images[2], images[3]), outputs[1]


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0].rstrip(".")


def prediction_function(network: Network) -> tf.types.experimental.ConcreteFunction:
    """The network as a graph: float32 [N, 28, 28, 1] to probabilities, float32 [N, 10]."""
    images = tf.TensorSpec([None, features.HEIGHT, features.WIDTH, 1], tf.float32, "images")
    predict = tf.function(
        lambda images: tf.nn.softmax(network(images, training=False)), autograph=False
    )
    return predict.get_concrete_function(images)
