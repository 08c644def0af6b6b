"""A user's network on one batch, before an epoch is spent: forward, backward, and export."""

from __future__ import annotations

import logging
import os
import tempfile
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from models.labels.classes.head import ClassesHead
from models.labels.tags.head import TagsHead
from models.training import inputs
from models.training.loop import objective_of
from models.training.options import TrainingOptions
from models.user_code import UserCodeError
from models.user_network import UserNetwork

_log = logging.getLogger(__name__)
ROWS = 32
_SAME = 1e-3
_UNTRACKED = "'untracked' resource"
"""Of TensorFlow's message, which has a page of addresses in memory."""


def check(
    network: UserNetwork,
    shards: Sequence[str],
    parse: inputs.Parse,
    options: TrainingOptions,
    export: Callable[[str], None],
) -> None:
    """Leaves the weights as they were.

    Args:
      shards: of the train split.
      export: writes a SavedModel into a folder.

    Raises:
      UserCodeError: the network gives another shape or dtype than logits, NaN, probabilities, does
        not learn, or cannot be saved for serving.
    """
    [(features, labels), *_] = inputs.evaluation_batches(shards, parse, batch_size=ROWS, limit=ROWS)
    before = [variable.numpy() for variable in network.variables]
    title = network.function.title
    _check_logits(network, features)
    _check_graph(network, features)
    _check_gradients(network, features, labels, options)
    for variable, value in zip(network.variables, before, strict=True):
        variable.assign(value)
    with tempfile.TemporaryDirectory() as folder:
        try:
            export(os.path.join(folder, "model"))
        except UserCodeError:
            raise
        except Exception as error:
            _log.exception("The dry export failed.")
            if _UNTRACKED in str(error):
                raise UserCodeError(
                    f"{title} cannot be saved for serving: it uses a table, a file or a variable"
                    " that no layer holds; make it in the __init__ of a layer or model, as"
                    " self.NAME = ….",
                ) from error
            reason = " ".join(str(error).split())[:400].rstrip(".")
            raise UserCodeError(
                f"{title} cannot be saved for serving: {type(error).__name__}: {reason}."
            ) from error


def _check_logits(network: UserNetwork, features: Any) -> None:
    title, width = network.function.title, network.label.width
    for training in (False, True):
        with network.function.blamed():
            logits = network(features, training=training)
        if not isinstance(logits, tf.Tensor):
            raise UserCodeError(
                f"{title} gives a {type(logits).__name__}; it must give one tensor."
            )
        rows = _count(features)
        if logits.shape != (rows, width):
            raise UserCodeError(
                f"{title} gives the shape {_shape(logits.shape)} for {rows} examples; it must be"
                f" {_shape([rows, width])}: outputs is {width}."
            )
        if logits.dtype != tf.float32:
            raise UserCodeError(
                f"{title} gives {logits.dtype.name}; it must be float32: give the last layer"
                " dtype='float32'."
            )
        values = logits.numpy()
        if not np.isfinite(values).all():
            raise UserCodeError(
                f"{title} gives NaN or infinity for the first {rows} training examples before any"
                " training; look for missing values (NaN), logarithms and divisions."
            )
        last = _last_activation(network, values)
        if last:
            raise UserCodeError(
                f"{title} gives probabilities; it must give logits: take the {last} of the last"
                " layer away."
            )


def _check_graph(network: UserNetwork, features: Any) -> None:
    """Traces the network as training does: an `if` on a tensor was right until then."""
    traced = tf.function(lambda found: network(found, training=True), autograph=False)
    with network.function.blamed():
        traced.get_concrete_function(features)


def _last_activation(network: UserNetwork, values: NDArray[np.float32]) -> str | None:
    """What makes probabilities of logits too early, as far as values tell."""
    if isinstance(network.label, TagsHead):
        return "sigmoid" if ((values > 0) & (values < 1)).all() and values.size >= ROWS else None
    if isinstance(network.label, ClassesHead) and (values >= 0).all():
        return "softmax" if np.allclose(values.sum(axis=1), 1, atol=_SAME) else None
    return None


def _count(features: Any) -> int:
    """How many examples there are."""
    some = next(iter(features.values()))
    return int(some.dense_shape[0] if isinstance(some, tf.SparseTensor) else some.shape[0])


def _check_gradients(
    network: UserNetwork, features: Any, labels: tf.Tensor, options: TrainingOptions
) -> None:
    title, weights = network.function.title, network.trainable_variables
    if not weights:
        raise UserCodeError(f"{title} has no weights to train; give it a layer with some.")
    objective = objective_of(network, options)
    with network.function.blamed(), tf.GradientTape() as tape:
        loss, _ = objective(features, labels, tf.constant([options.seed, 0]))
    gradients = tape.gradient(loss, weights)
    if all(gradient is None for gradient in gradients):
        raise UserCodeError(
            f"{title} cannot learn: no weight takes part in its output by operations that have a"
            " gradient."
        )
    for weight, gradient in zip(weights, gradients, strict=True):
        if gradient is None:
            continue
        dense = gradient.values if isinstance(gradient, tf.IndexedSlices) else gradient
        if not np.isfinite(dense.numpy()).all():
            raise UserCodeError(
                f"{title} gives NaN or infinity as the gradient of {weight.name} on the first"
                " batch; look for square roots of 0, logarithms and divisions."
            )


def _shape(sizes: Any) -> str:
    return f"[{', '.join(map(str, sizes))}]"
