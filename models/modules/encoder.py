"""The network of the shipped module: a small convolutional encoder of grey images."""

from __future__ import annotations

import tensorflow as tf

from models.features.image.convolutions import Convolutions

# Mean and standard deviation of the pixels that it was pretrained on.
PIXEL_MEAN, PIXEL_DEVIATION = 0.2860, 0.3530


class Encoder(Convolutions):
    """float32 [N, height, width, 1] in [0, 1] to float32 [N, 128].

    Saved, it is a reusable TF2 SavedModel: https://www.tensorflow.org/hub/reusable_saved_models.
    """

    def __init__(self, *, seed: int):
        super().__init__(1, mean=PIXEL_MEAN, deviation=PIXEL_DEVIATION, seed=seed, name="encoder")

    def save(self, folder: str, size: tuple[int, int]) -> None:
        """Writes the SavedModel that hub.KerasLayer loads, for images of [height, width] `size`."""
        # Made here, so that it holds the traces of no other shapes than these.
        call = tf.function(self.__call__, autograph=False)
        images = tf.TensorSpec([None, *size, 1], tf.float32, "inputs")
        for training in (True, False):
            call.get_concrete_function(images, training=training)
        # A tf.Module's own `variables` is a property, which a SavedModel does not hold.
        module = tf.train.Checkpoint()
        module.__call__ = call
        module.variables = list(self.variables)
        module.trainable_variables = list(self.trainable_variables)
        module.regularization_losses = []
        tf.saved_model.save(module, folder)
