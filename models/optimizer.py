"""AdamW with a one-cycle learning rate, and the compiled step that applies it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf
import tf_keras

from models.options import TrainingOptions

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
) -> Step:
    """One step of training as a graph; its random numbers depend on `seed` and the step only.

    fit() would do, if AutoGraph did not take 10 CPU seconds to convert tf_keras's own sources.
    """

    @tf.function(autograph=False, reduce_retracing=True)
    def step(inputs: Any, labels: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        seeds = tf.stack([seed, tf.cast(optimizer.iterations, tf.int32)])
        with tf.GradientTape() as tape:
            loss, accuracy = objective(inputs, labels, seeds)
        optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables, strict=True))
        return loss, accuracy

    return step
