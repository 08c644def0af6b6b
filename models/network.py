"""The network: a TensorFlow Hub module and a dense layer over its output."""

from __future__ import annotations

import tensorflow as tf
import tensorflow_hub as hub
import tf_keras

from models import features
from models.hub import HubError, Module
from models.hub_interface import read_interface


class Network(tf_keras.Model):
    """Images to one logit per label; call it in graphs made with `autograph=False`."""

    def __init__(self, module: Module, *, trainable: bool, seed: int):
        """Loads the module and initializes the dense layer by `seed`.

        Raises HubError when the module does not take images, or gives no feature vector.
        """
        super().__init__(name="network")
        interface = read_interface(module)
        self._image_shape = (interface.height, interface.width, interface.channels)
        try:
            self.encoder = hub.KerasLayer(str(module.path), trainable=trainable, name="encoder")
        except (ValueError, TypeError, AttributeError, tf.errors.OpError) as error:
            raise HubError(
                f"hub.handle {module.handle} cannot be loaded ({_first_line(error)}): choose "
                "another module."
            ) from error
        glorot = tf_keras.initializers.GlorotUniform(seed)
        self.head = tf_keras.layers.Dense(
            len(features.LABELS), kernel_initializer=glorot, name="head"
        )
        self.head.build([None, interface.features])

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


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0].rstrip(".")


def prediction_function(network: Network) -> tf.types.experimental.ConcreteFunction:
    """The network as a graph: float32 [N, 28, 28, 1] to probabilities, float32 [N, 10]."""
    images = tf.TensorSpec([None, features.HEIGHT, features.WIDTH, 1], tf.float32, "images")
    predict = tf.function(
        lambda images: tf.nn.softmax(network(images, training=False)), autograph=False
    )
    return predict.get_concrete_function(images)
