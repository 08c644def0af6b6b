"""The training loop: streams batches, applies steps, reports, and goes on after a kill."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import tensorflow as tf

from models.network import Inputs, Network
from models.training import inputs
from models.training.augmentation import flip_and_shift
from models.training.checkpoints import Checkpoints
from models.training.early_stopping import EarlyStopping
from models.training.optimizer import Objective, adamw, compiled_step
from models.training.options import TrainingOptions
from models.training.progress import Progress
from models.training.replicas import ALONE, Replicas
from models.user_network import UserNetwork

logger = logging.getLogger("progress")
Batch = tuple[Inputs, tf.Tensor]
"""Inputs of the network, and labels."""
_STATE = tf.train.experimental.PythonState
WINDOW = 50
"""Steps over which loss and accuracy are averaged for the observer."""


@dataclass(frozen=True)
class Training:
    """What a finished training was."""

    steps: int
    examples_seen: int
    seconds: float
    """Wall time of all steps, those before a resumption included."""
    final_loss: float
    """Mean over the last window."""


class Source(Protocol):
    """Where batches come from instead of shards, such as the memory of a search."""

    @property
    def examples(self) -> int:
        """How many there are."""

    def batches(self, options: TrainingOptions, steps_per_epoch: int) -> Iterable[Batch]:
        """Full batches of all epochs, each in an order that the seed decides."""


class Observer(Protocol):
    """Is told how a training goes; what it raises ends the training."""

    def window_ended(
        self, step: int, *, loss: float, accuracy: float, learning_rate: float
    ) -> None:
        """`step` steps are done; loss and accuracy are means over the window."""

    def epoch_ended(self, step: int) -> None:
        """The epoch that ends with `step` steps is done."""


def fit(
    network: Network | UserNetwork,
    shards: Sequence[str],
    parse: inputs.Parse,
    options: TrainingOptions,
    observer: Observer,
    checkpoint_folder: str | None = None,
    eval_loss: Callable[[], float] | None = None,
    source: Source | None = None,
    around: Callable[[Iterable[Batch]], Iterable[Batch]] = iter,
    replicas: Replicas = ALONE,
) -> Training:
    """Trains `network` in place, from the checkpoint in `checkpoint_folder` if there is one.

    Args:
      eval_loss: the loss on the eval split as it is now, which options.early_stopping asks for.
      around: gets the batches and gives them on, and so knows when a step begins.
      source: of batches, in place of the shards; then `observer` alone tells how it goes.
      replicas: what shares each batch. All processes begin where the chief is.

    Raises:
      InputsError: the shards do not fill one batch, or it cannot be shared equally.
      ReplicasError: another process is gone.
    """
    _check_shares(options.batch_size, replicas)
    examples = source.examples if source else inputs.count_examples(shards)
    steps_per_epoch = _steps_per_epoch(examples, options.batch_size)
    stopping = None
    if options.early_stopping and eval_loss:
        stopping = EarlyStopping(options.early_stopping, network.variables, eval_loss)
    loop = _Loop(network, options, steps_per_epoch, stopping, replicas, tells=source is None)
    kept = Checkpoints(checkpoint_folder, **loop.state) if checkpoint_folder else None
    if kept and kept.restore():
        logger.info("resuming after step %d of %d", loop.position.steps, loop.total)
    loop.agree()
    if source:
        loop.run(source.batches(options, steps_per_epoch), observer, kept)
    else:
        batches = inputs.training_batches(
            shards,
            parse,
            epochs=options.epochs,
            batch_size=options.batch_size,
            steps_per_epoch=steps_per_epoch,
            seed=options.seed,
            first_step=loop.position.steps,
            part=(replicas.rank, replicas.processes),
        )
        loop.run(around(batches), observer, kept)
    return Training(
        steps=loop.position.steps,
        examples_seen=loop.position.steps * options.batch_size,
        seconds=round(loop.position.seconds, 3),
        final_loss=loop.position.loss,
    )


def _check_shares(batch_size: int, replicas: Replicas) -> None:
    if batch_size % replicas.count:
        raise inputs.InputsError(
            f"Setting `training.batch_size` = {batch_size} cannot be shared by"
            f" {replicas.count} replicas: make it a multiple of {replicas.count}."
        )


def _steps_per_epoch(examples: int, batch_size: int) -> int:
    if examples < batch_size:
        raise inputs.InputsError(
            f"There are only {examples} training examples, but training.batch_size = "
            f"{batch_size}: lower it."
        )
    return examples // batch_size


def objective_of(network: Network | UserNetwork, options: TrainingOptions) -> Objective:
    """The loss that the label's kind names, on augmented images and smoothed labels."""

    def objective(
        inputs: Inputs, labels: tf.Tensor, seed: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor]:
        if options.augment:
            augmented = {name: flip_and_shift(inputs[name], seed) for name in network.images}
            inputs = {**inputs, **augmented}
        logits = network(inputs, training=True, seed=seed)
        losses = network.label.loss(logits, labels, options.label_smoothing)
        # What the module adds, such as the decay of its own kernels.
        loss = tf.add_n([tf.reduce_mean(losses), *network.losses])
        return loss, tf.reduce_mean(network.label.measured(logits, labels))

    return objective


class _Position(tf.train.experimental.PythonState):
    """Where a training is; kept in its checkpoint."""

    def __init__(self) -> None:
        self.steps = 0
        self.seconds = 0.0
        self.loss = float("nan")

    def serialize(self) -> str:
        return json.dumps([self.steps, self.seconds, self.loss])

    def deserialize(self, value: str) -> None:
        self.steps, self.seconds, self.loss = json.loads(value)


class _Loop:
    """All that changes while a network is trained."""

    def __init__(
        self,
        network: Network | UserNetwork,
        options: TrainingOptions,
        steps_per_epoch: int,
        stopping: EarlyStopping | None,
        replicas: Replicas,
        *,
        tells: bool,
    ):
        self.tells = tells
        self.replicas = replicas
        self.learned = network.trainable_variables
        self.options = options
        self.stopping = stopping
        self.steps_per_epoch = steps_per_epoch
        self.total = steps_per_epoch * options.epochs
        self.position = _Position()
        self.optimizer = adamw(network.trainable_variables, options, self.total)
        self.state = {
            "network": network,
            "optimizer": self.optimizer,
            "position": self.position,
            **(stopping.state if stopping else {}),
        }
        self.step = compiled_step(
            objective_of(network, options),
            network.trainable_variables,
            self.optimizer,
            options.seed,
            replicas,
        )

    def agree(self) -> None:
        """Has all processes begin where the chief is. What is not trained is the chief's own."""
        if self.replicas.processes == 1:
            return
        said = [each for each in self.state.values() if isinstance(each, _STATE)]
        told = self.replicas.tell(json.dumps([each.serialize() for each in said]))
        for each, text in zip(said, json.loads(told), strict=True):
            each.deserialize(text)
        self.replicas.share([*self.learned, *self.optimizer.variables])

    def run(
        self, batches: Iterable[Batch], observer: Observer, checkpoints: Checkpoints | None
    ) -> None:
        """Does a step for each batch, from `position` on, until there is none or it is enough."""
        position = self.position
        stopping = self.stopping
        if stopping and stopping.is_over:
            batches = ()
        progress = Progress(
            steps_per_epoch=self.steps_per_epoch,
            epochs=self.options.epochs,
            batch_size=self.options.batch_size,
        )
        checkpoint_steps = self.options.checkpoint_steps or self.steps_per_epoch
        started = time.monotonic() - position.seconds
        losses: list[float] = []
        accuracies: list[float] = []
        for features, labels in batches:
            with self.replicas.watched():
                loss, accuracy = self.step(features, labels)
                losses.append(float(loss))
                accuracies.append(float(accuracy))
            position.steps += 1
            position.seconds = time.monotonic() - started
            if self.tells:
                progress.update(position.steps, losses[-1])
            ends_epoch = position.steps % self.steps_per_epoch == 0
            is_enough = bool(stopping and ends_epoch and stopping.epoch_ended())
            last = is_enough or position.steps == self.total
            if last or position.steps % WINDOW == 0:
                position.loss = _mean(losses)
                observer.window_ended(
                    position.steps,
                    loss=position.loss,
                    accuracy=_mean(accuracies),
                    learning_rate=float(self.optimizer.learning_rate),
                )
                losses, accuracies = [], []
            if last or ends_epoch:
                observer.epoch_ended(position.steps)
            if checkpoints and (last or position.steps % checkpoint_steps == 0):
                checkpoints.save(position.steps)
            if is_enough:
                break
        if stopping:
            stopping.restore()


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
