"""AdamW with a one-cycle learning rate, and the compiled step that applies it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf
import tf_keras

from models.training.options import TrainingOptions
from models.training.replicas import ALONE, Replicas

Objective = Callable[[Any, tf.Tensor, tf.Tensor], tuple[tf.Tensor, tf.Tensor]]
"""(inputs, labels, seed of this step: int32 [2]) to (loss, accuracy), both scalars."""
Step = Callable[[Any, tf.Tensor], tuple[tf.Tensor, tf.Tensor]]
"""(inputs, labels) to (loss, accuracy)."""


class OneCycle(tf_keras.optimizers.schedules.LearningRateSchedule):
    """Rises linearly to `peak` in the first part of the steps, then falls linearly to zero.

    Smith and Topin 2018 (https://arxiv.org/abs/1708.07120), without their third phase.
    """

    def __init__(self, peak: float, *, steps: int, warmup_fraction: float):
        super().__init__()
        self.peak = peak
        self.steps = steps
        self.warmup = max(1, round(steps * warmup_fraction))

    def __call__(self, step: tf.Tensor) -> tf.Tensor:
        """The learning rate of `step`, counted from 0."""
        step = tf.cast(step, tf.float32)
        rising = (step + 1) / self.warmup
        falling = (self.steps - step) / max(1, self.steps - self.warmup)
        return self.peak * tf.minimum(rising, falling)


def adamw(
    variables: Sequence[tf.Variable], options: TrainingOptions, steps: int
) -> tf_keras.optimizers.Optimizer:
    """The optimizer with its slots built, so that a checkpoint can be restored into it."""
    schedule = OneCycle(options.learning_rate, steps=steps, warmup_fraction=options.warmup_fraction)
    optimizer = tf_keras.optimizers.AdamW(schedule, weight_decay=options.weight_decay)
    # Decay pulls weights to zero, which is no neutral place for scales and offsets. Must precede
    # build(): https://github.com/keras-team/tf-keras, Optimizer.exclude_from_weight_decay.
    optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    optimizer.build(variables)
    return optimizer


def compiled_step(
    objective: Objective,
    variables: Sequence[tf.Variable],
    optimizer: tf_keras.optimizers.Optimizer,
    seed: int,
    replicas: Replicas = ALONE,
) -> Step:
    """One step of training as a graph; its random numbers depend on `seed` and the step only.

    fit() would do, if AutoGraph did not take 10 CPU seconds to convert tf_keras's own sources.

    Args:
      replicas: each computes the gradients of its own part of a batch, and all apply their mean.
        The step gets the part of this process.
    """

    def gradients(
        inputs: Any, labels: tf.Tensor, number: int = 0
    ) -> tuple[Any, tf.Tensor, tf.Tensor]:
        # Each part has random numbers of its own.
        seeds = tf.stack([(seed + 7_919 * number) % 2**31, tf.cast(optimizer.iterations, tf.int32)])
        with tf.GradientTape() as tape:
            loss, accuracy = objective(inputs, labels, seeds)
        return tape.gradient(loss, variables), loss, accuracy

    def shared(inputs: Any, labels: tf.Tensor) -> tuple[Any, tf.Tensor, tf.Tensor]:
        devices = replicas.devices or (None,)
        parts = []
        for place, device in enumerate(devices):
            with tf.device(device):
                own_inputs, own_labels = parts_of((inputs, labels), len(devices), place)
                number = replicas.rank * len(devices) + place
                found, *told = gradients(own_inputs, own_labels, number)
                # Of vectors only those that were looked up have a gradient, others in each part.
                parts.append([g if g is None else tf.convert_to_tensor(g) for g in found] + told)
        means = [
            None if of[0] is None else tf.add_n(of) / len(of) for of in zip(*parts, strict=True)
        ]
        reduced = iter(replicas.mean([mean for mean in means if mean is not None]))
        *found, loss, accuracy = [None if mean is None else next(reduced) for mean in means]
        return found, loss, accuracy

    def step(inputs: Any, labels: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        found, loss, accuracy = (gradients if replicas.count == 1 else shared)(inputs, labels)
        optimizer.apply_gradients(zip(found, variables, strict=True))
        return loss, accuracy

    found: Step = tf.function(step, autograph=False, reduce_retracing=True)
    return found


def parts_of(values: Any, count: int, place: int) -> Any:
    """One of `count` equal parts of a batch, a structure of tensors [N, …] and sparse ones."""

    def part(tensor: Any) -> Any:
        if count == 1:
            return tensor
        if isinstance(tensor, tf.SparseTensor):
            size = tensor.dense_shape[0] // count
            start = tf.concat([[place * size], tf.zeros_like(tensor.dense_shape[1:])], 0)
            return tf.sparse.slice(tensor, start, tf.concat([[size], tensor.dense_shape[1:]], 0))
        size = tf.shape(tensor)[0] // count
        return tensor[place * size : (place + 1) * size]

    return tf.nest.map_structure(part, values)
