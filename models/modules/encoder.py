"""The network of the shipped module: a small convolutional encoder of grey images."""

from __future__ import annotations

import tensorflow as tf

from models.features.image.convolutions import Convolutions
from models.publishing.reusable import save_reusable

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
        save_reusable(
            folder,
            lambda images, training: self(images, training=training),
            tf.TensorSpec([None, *size, 1], tf.float32),
            self.variables,
        )
