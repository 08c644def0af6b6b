"""The network: an encoder for each feature, and a dense layer over all that they make."""

from __future__ import annotations

from collections.abc import Mapping

import tensorflow as tf
import tf_keras

from models.declaration import Declaration
from models.features.image.encoder import ImageEncoder
from models.features.image.kind import Image
from models.hub import Module
from models.labels.heads import head_of

Inputs = Mapping[str, tf.Tensor]


class Network(tf_keras.Model):
    """Transformed features to the logits of a label; call it in graphs with `autograph=False`."""

    def __init__(
        self, declaration: Declaration, module: Module | None, *, trainable: bool, seed: int
    ):
        """Loads the module, if there is one, and initializes all else by `seed`.

        Raises HubError when the module does not take images, or gives no feature vector.
        """
        super().__init__(name="network")
        self.label = head_of(declaration.label)
        self.images = {
            name: kind for name, kind in declaration.used.items() if isinstance(kind, Image)
        }
        self.encoders = {
            name: ImageEncoder(kind, module, trainable=trainable, seed=seed)
            for name, kind in self.images.items()
        }
        glorot = tf_keras.initializers.GlorotUniform(seed)
        self.head = tf_keras.layers.Dense(self.label.width, kernel_initializer=glorot, name="head")
        self.head.build([None, sum(encoder.width for encoder in self.encoders.values())])

    @property
    def specs(self) -> dict[str, tf.TensorSpec]:
        """What `call` takes, by name."""
        return {
            name: tf.TensorSpec([None, *image.size, image.channels], tf.float32, name)
            for name, image in self.images.items()
        }

    def call(self, inputs: Inputs, training: bool = False) -> tf.Tensor:
        """Transformed features, each [N, ...], to logits, float32 [N, width of the label]."""
        vectors = [
            encoder(inputs[name], training=training) for name, encoder in self.encoders.items()
        ]
        return self.head(vectors[0] if len(vectors) == 1 else tf.concat(vectors, axis=1))


def prediction_function(network: Network) -> tf.types.experimental.ConcreteFunction:
    """The network as a graph: transformed features to predictions, e.g. probabilities [N, 10]."""
    predict = tf.function(
        lambda inputs: network.label.predictions(network(inputs, training=False)), autograph=False
    )
    return predict.get_concrete_function(network.specs)
