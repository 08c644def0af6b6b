"""Reusable TF2 SavedModels: https://www.tensorflow.org/hub/reusable_saved_models."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import tensorflow as tf

Call = Callable[..., tf.Tensor]
"""(inputs, training) to vectors [N, width]."""


def save_reusable(
    folder: str,
    call: Call,
    spec: tf.TensorSpec,
    variables: Sequence[tf.Variable],
    assets: Sequence[tf.saved_model.Asset] = (),
) -> None:
    """Writes what hub.KerasLayer loads and fine-tunes.

    Args:
      folder: is made.
      spec: of the inputs.
      variables: that `call` uses; those that are trainable stay so.
      assets: files that `call` reads.
    """
    # Made here, so that it holds the traces of no other shapes than these.
    function = tf.function(lambda inputs, training=False: call(inputs, training), autograph=False)
    inputs = tf.TensorSpec(spec.shape, spec.dtype, "inputs")
    for training in (True, False):
        function.get_concrete_function(inputs, training=training)
    # A tf.Module's own `variables` is a property, which a SavedModel does not hold.
    module = tf.train.Checkpoint()
    module.__call__ = function
    module.variables = list(variables)
    module.trainable_variables = [variable for variable in variables if variable.trainable]
    module.regularization_losses = []
    module.assets = list(assets)
    tf.saved_model.save(module, folder)
