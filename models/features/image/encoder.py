"""From an image to a vector: a TensorFlow Hub module, or a network that begins with nothing."""

from __future__ import annotations

import tensorflow as tf
import tensorflow_hub as hub
import tf_keras

from models.features.image.convolutions import Convolutions
from models.features.image.kind import Image
from models.hub.interface import read_interface
from models.hub.module import HubError, Module

_MEAN, _DEVIATION = 0.5, 0.25
"""Of pixels that nobody has looked at."""


class ImageEncoder(tf_keras.layers.Layer):
    """float32 [N, height, width, channels] in [0, 1] to float32 [N, width]."""

    def __init__(self, image: Image, module: Module | None, *, trainable: bool, seed: int):
        """Loads the module, if there is one, or draws weights by `seed`.

        Raises HubError when the module does not take images, or gives no feature vector.
        """
        super().__init__(trainable=trainable, name="image_encoder")
        self._image = image
        self.layer: hub.KerasLayer | Convolutions
        if module is None:
            self._shape: tuple[int | None, int | None, int] = (*image.size, image.channels)
            self.layer = untrained(image, seed=seed)
            self.width = self.layer.width
            return
        interface = read_interface(module)
        self._shape = (interface.height, interface.width, interface.channels)
        self.width = interface.features
        try:
            self.layer = hub.KerasLayer(str(module.path), trainable=trainable, name="encoder")
        except (ValueError, TypeError, AttributeError, tf.errors.OpError) as error:
            raise HubError(
                f"hub.handle {module.handle} cannot be loaded ({_first_line(error)}): choose "
                "another module."
            ) from error

    @property
    def served(self) -> tf.Module:
        """What the graph of an exported model uses."""
        return getattr(self.layer, "resolved_object", self.layer)

    def call(self, images: tf.Tensor, training: bool = False) -> tf.Tensor:
        """float32 [N, height, width, channels] to float32 [N, width]."""
        return self.layer(self._adapted(images), training=training)

    def _adapted(self, images: tf.Tensor) -> tf.Tensor:
        """Images as the module wants them; one that was made for them wants just these."""
        height, width, channels = self._shape
        size = (height or self._image.size[0], width or self._image.size[1])
        if size != self._image.size:
            images = tf.image.resize(images, size)
        if channels == self._image.channels:
            return images
        to_grey = tf.image.rgb_to_grayscale
        return tf.image.grayscale_to_rgb(images) if channels == 3 else to_grey(images)


def untrained(image: Image, *, seed: int) -> Convolutions:
    """The network that begins with nothing."""
    return Convolutions(image.channels, mean=_MEAN, deviation=_DEVIATION, seed=seed, name="encoder")


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0].rstrip(".")
