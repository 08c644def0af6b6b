"""The network: an encoder for each image and each text with a module, one for all other features,
dense layers, a head."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping

import tensorflow as tf
import tf_keras

from models.declaration import Declaration
from models.features.image.encoder import ImageEncoder
from models.features.table import TableEncoder
from models.features.text.encoder import TextEncoder
from models.hub.module import Module, told_as
from models.labels.heads import head_of
from models.training.options import TrainingOptions

Inputs = Mapping[str, tf.Tensor]

DROPPED = 0.1
"""Behind each dense layer, where nothing else is said."""


def vector_key(name: str) -> str:
    """By what an input is called that is the vector of the feature `name` already."""
    return f"vector of {name}"


class Network(tf_keras.Model):
    """Transformed features to the logits of a label; call it in graphs with `autograph=False`."""

    def __init__(
        self,
        declaration: Declaration,
        module: Module | None,
        *,
        trainable: bool,
        seed: int,
        sizes: Mapping[str, int] | None = None,
        modules: Mapping[str, Module] | None = None,
        options: TrainingOptions | None = None,
    ):
        """Loads the modules, if there are any, and initializes all else by `seed`.

        Args:
          module: of the images that have none for themselves.
          trainable: whether those are trained on.
          sizes: of what is packed, see TransformGraph.sizes; none for an image alone.
          modules: of each image and text that has one for itself.
          options: with the widths of layers and vectors, and what is dropped.

        Raises HubError when a module does not take images, or texts, or gives no feature vector.
        """
        super().__init__(name="network")
        options = options or TrainingOptions()
        self.label = head_of(declaration.label)
        self.images = declaration.images
        own, modules = declaration.modules, modules or {}
        self.encoders: dict[str, ImageEncoder | TextEncoder] = {}
        for name, kind in self.images.items():
            with told_as(f"features.{name}.module") if name in own else contextlib.nullcontext():
                self.encoders[name] = ImageEncoder(
                    kind,
                    modules[name] if name in own else module,
                    trainable=own[name].trainable if name in own else trainable or not module,
                    seed=seed,
                )
        for name in (name for name in own if name not in self.images):
            self.encoders[name] = TextEncoder(modules[name], trainable=own[name].trainable)
        width = sum(encoder.width for encoder in self.encoders.values())
        self.table = None
        if sizes:
            self.table = TableEncoder(
                sizes, self.label.width, seed=seed, dimensions=options.dimensions
            )
            width += self.table.width
        self._deep: list[tf_keras.layers.Layer] = []
        only_image = declaration.only_image is not None
        for number, units in enumerate(() if only_image else options.widths):
            self._deep.append(_dense(units, width, seed + number, f"dense{number}", "relu"))
            width = units
        usual = 0.0 if only_image else DROPPED
        self._dropped: float = usual if options.dropout is None else options.dropout
        self.head = _dense(self.label.width, width, seed, "head")

    @property
    def served(self) -> list[tf.Module]:
        """What the graph of an exported model uses beside its weights."""
        return [encoder.served for encoder in self.encoders.values()]

    @property
    def frozen(self) -> tuple[str, ...]:
        """Names of the features whose encoders stay as they are."""
        return tuple(name for name, encoder in self.encoders.items() if not encoder.trainable)

    def embedded(self, inputs: Inputs) -> dict[str, tf.Tensor]:
        """Transformed features with vectors, float32 [N, length], in place of those that are
        frozen, see vector_key."""
        found = {name: values for name, values in inputs.items() if name not in self.frozen}
        for name in self.frozen:
            found[vector_key(name)] = self.encoders[name](inputs[name], training=False)
        return found

    def call(
        self, inputs: Inputs, training: bool = False, seed: tf.Tensor | None = None
    ) -> tf.Tensor:
        """Transformed features, each [N, ...], to logits, float32 [N, width of the label].

        Args:
          inputs: as they are, or as `embedded` gives them.
          seed: integers [2], which decide what is dropped in training; nothing without them.
        """
        vectors = [
            inputs[vector_key(name)]
            if vector_key(name) in inputs
            else encoder(inputs[name], training=training)
            for name, encoder in self.encoders.items()
        ]
        wide = None
        if self.table is not None:
            vector, wide = self.table(inputs)
            vectors.append(vector)
        hidden = vectors[0] if len(vectors) == 1 else tf.concat(vectors, axis=1)
        dropped = self._dropped if training and seed is not None else 0.0
        if dropped and not self._deep:
            hidden = tf.nn.experimental.stateless_dropout(hidden, dropped, seed)
        for number, layer in enumerate(self._deep):
            hidden = layer(hidden)
            if dropped and seed is not None:
                hidden = tf.nn.experimental.stateless_dropout(hidden, dropped, seed + number)
        logits = self.head(hidden)
        return logits if wide is None else logits + wide


def _dense(
    units: int, width: int, seed: int, name: str, activation: str | None = None
) -> tf_keras.layers.Dense:
    glorot = tf_keras.initializers.GlorotUniform(seed)
    layer = tf_keras.layers.Dense(units, activation, kernel_initializer=glorot, name=name)
    layer.build([None, width])
    return layer


def prediction_function(
    network: Network, specs: Mapping[str, tf.TypeSpec]
) -> tf.types.experimental.ConcreteFunction:
    """The network as a graph: transformed features to predictions, e.g. probabilities [N, 10].

    Args:
      specs: of the transformed features, see TransformGraph.specs.
    """
    predict = tf.function(
        lambda inputs: network.label.predictions(network(inputs, training=False)), autograph=False
    )
    return predict.get_concrete_function(dict(specs))
