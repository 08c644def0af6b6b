"""Whether a packed module does what a module is for, tried as those who reuse it would."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
import tensorflow_hub as hub

from models.publishing.encoder import Encoder


class CheckError(ValueError):
    """The module is not fit to be published; one sentence says why."""


@dataclass(frozen=True)
class Checked:
    """What was found."""

    takes: str
    gives: str
    trainable: int
    """Numbers that fine-tuning moves."""
    fixed: int
    """Numbers that it leaves alone, but for statistics of batches."""
    losses: int


def check(folder: Path, encoder: Encoder) -> Checked:
    """Loads the module, holds its answers against the version's, and fine-tunes a step.

    Args:
      folder: of the SavedModel, unpacked.
      encoder: what was saved in it.

    Raises:
      CheckError: it does not load, answers otherwise, or cannot be fine-tuned.
    """
    try:
        layer = hub.KerasLayer(str(folder), trainable=True)
        inputs = tf.constant(encoder.inputs)
        _same_numbers(layer, encoder)
        losses = _losses_alive(layer, encoder.losses)
        if layer.trainable_variables:
            _fine_tunes(layer, inputs)
    except (ValueError, TypeError, AttributeError, tf.errors.OpError) as error:
        if isinstance(error, CheckError):
            raise
        first = str(error).strip().partition("\n")[0].rstrip(".")
        raise CheckError(
            f"The module cannot be used in hub.KerasLayer ({first}), so it is not published."
        ) from error
    batch = "N, " if inputs.shape.rank > 1 else "N"
    return Checked(
        takes=f"{inputs.dtype.name} [{batch}{', '.join(map(str, inputs.shape[1:]))}]",
        gives=f"float32 [N, {encoder.outputs.shape[1]}]",
        trainable=_count(layer.trainable_variables),
        fixed=_count(layer.non_trainable_variables),
        losses=losses,
    )


def _same_numbers(layer: Any, encoder: Encoder) -> None:
    for count in (len(encoder.inputs), 1):
        found = layer(tf.constant(encoder.inputs[:count]), training=False).numpy()
        wanted = encoder.outputs[:count]
        if found.shape != wanted.shape or not np.isfinite(found).all():
            raise CheckError(
                f"The module answers float32 {list(found.shape)} with"
                f" {np.count_nonzero(~np.isfinite(found))} numbers that are not finite, where the"
                f" version answers {list(wanted.shape)}, so it is not published."
            )
        # The same graph gives the same bits for the same batch; others are added up otherwise.
        worst = float(np.abs(found - wanted).max())
        if worst > (0 if count == len(encoder.inputs) else 1e-4 * max(1, np.abs(wanted).max())):
            raise CheckError(
                f"The module's answers differ from the version's by {worst:.3g}, so it is not"
                " published."
            )


def _losses_alive(layer: Any, count: int) -> int:
    """Each loss is there and follows the weights."""
    before = [float(loss) for loss in layer.losses]
    if len(before) != count:
        raise CheckError(
            f"The module adds {len(before)} regularization losses where the version has {count},"
            " so it is not published."
        )
    if before:
        values = [variable.numpy() for variable in layer.trainable_variables]
        for variable, value in zip(layer.trainable_variables, values, strict=True):
            variable.assign(2 * value + 0.1)
        after = [float(loss) for loss in layer.losses]
        for variable, value in zip(layer.trainable_variables, values, strict=True):
            variable.assign(value)
        dead = sum(
            old == new or not np.isfinite(old) for old, new in zip(before, after, strict=True)
        )
        if dead:
            raise CheckError(
                f"{dead} of the module's {count} regularization losses do not follow its weights,"
                " so it is not published."
            )
    return len(before)


def _fine_tunes(layer: Any, inputs: tf.Tensor) -> None:
    """One step down the gradient of the answers' size moves weights, and the answers with them."""
    variables = layer.trainable_variables
    before = layer(inputs, training=False)
    with tf.GradientTape() as tape:
        size = tf.reduce_mean(tf.square(layer(inputs, training=True)))
        loss = tf.add_n([size, *layer.losses])
    gradients = {
        index: tf.convert_to_tensor(gradient)
        for index, gradient in enumerate(tape.gradient(loss, variables))
        if gradient is not None
    }
    finite = [bool(tf.reduce_all(tf.math.is_finite(each))) for each in gradients.values()]
    if not finite or not all(finite):
        raise CheckError(
            "The module has no finite gradients, so it cannot be fine-tuned and is not published."
        )
    for index, gradient in gradients.items():
        variables[index].assign_sub(0.1 * gradient)
    if not float(tf.reduce_max(tf.abs(layer(inputs, training=False) - before))) > 0:
        raise CheckError(
            "A step of fine-tuning does not change the module's answers, so it is not published."
        )


def _count(variables: Any) -> int:
    return sum(int(np.prod(variable.shape)) for variable in variables)
