"""Observes a training, and tells TensorBoard."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence

import numpy as np
import tensorflow as tf

from models import mistakes
from models.declaration import Declaration
from models.evaluation import Evaluation, evaluate_batches
from models.labels.classes.head import ClassesHead
from models.network import Network, prediction_function
from models.training import inputs
from models.training.loop import Batch
from models.training.options import TrainingOptions
from models.training.profile import profiled, slowest
from models.training.projector import write_vectors
from models.training.rounds import Rounds
from models.training.tensorboard import Summaries
from models.transform_graph import TransformGraph
from models.user_network import UserNetwork

logger = logging.getLogger("progress")
GLANCE = 1_000
"""Evaluation examples predicted after each epoch; after the last one, all are."""


class Report:
    """Of one training, into the folder of a run of TensorBoard."""

    def __init__(
        self,
        folder: str,
        network: Network | UserNetwork,
        transform: TransformGraph,
        declaration: Declaration,
        options: TrainingOptions,
        examples: inputs.Examples,
        eval_shards: Sequence[str],
    ):
        """Looks at nothing yet.

        Args:
          examples: what is learned of, which may hold vectors in the place of images.
          eval_shards: the examples behind those of the eval split, in the same order.
        """
        self._folder, self._summaries = folder, Summaries(folder)
        self._network, self._head = network, network.label
        self._declaration, self._options = declaration, options.tensorboard
        self._transform, self._eval_shards = transform, eval_shards
        self.predict = prediction_function(network, transform.specs)
        """Of transformed features; what is evaluated may have vectors in their place."""
        self._evaluated = (
            self.predict
            if examples.parse == transform.parse
            else prediction_function(network, examples.specs)
        )
        # To make them traces how examples are read, which takes half a CPU second.
        size = inputs.evaluated_at_once(examples.specs)
        self._glanced_at, self._all = (
            Rounds(
                inputs.evaluation_batches(
                    examples.eval, examples.parse, batch_size=size, limit=limit
                )
            )
            for limit in (GLANCE, -1)
        )
        self._summaries.graph(self.predict)

    def around(self, batches: Iterable[Batch]) -> Iterable[Batch]:
        """The batches, profiled where that is wanted."""
        return profiled(batches, self._folder) if self._options.profile else batches

    def window_ended(
        self, step: int, *, loss: float, accuracy: float, learning_rate: float
    ) -> None:
        """The means of loss and measure over the steps since the last window, up to `step`."""
        self._summaries.scalars(
            step,
            **{
                "loss": loss,
                f"{self._head.measure}/train": accuracy,
                "learning_rate": learning_rate,
            },
        )

    def epoch_ended(self, step: int) -> None:
        """The measure on the first evaluation examples, after `step` steps."""
        glance = evaluate_batches(self._evaluated, self._glanced_at)
        name, value = self._head.measure, self._head.evaluated(glance.predictions, glance.labels)
        self._summaries.scalars(step, **{f"{name}/first_{GLANCE}_of_eval": value})
        if self._options.histograms:
            self._summaries.histograms(step, self._network.trainable_variables)
        count = len(glance.labels)
        logger.info(
            "step %d: %s %.3f on the first %d evaluation examples", step, name, value, count
        )

    def eval_loss(self) -> float:
        """On all evaluation examples, as the network is now."""
        found = evaluate_batches(self._evaluated, self._all)
        return self._head.evaluation_loss(found.predictions, found.labels)

    def finish(self, step: int) -> Evaluation:
        """Evaluates on all evaluation examples."""
        evaluation = evaluate_batches(self._evaluated, self._all)
        value = self._head.evaluated(evaluation.predictions, evaluation.labels)
        self._summaries.scalars(step, **{f"{self._head.measure}/eval": value})
        if isinstance(self._head, ClassesHead) and self._head.names:
            self._summaries.confusion(step, evaluation.confusion, self._head.names)
        self._mistakes(step, evaluation)
        self._vectors()
        if self._options.profile and (text := slowest(self._folder)):
            self._summaries.text(step, "profile", text)
        self._summaries.close()
        return evaluation

    def _mistakes(self, step: int, evaluation: Evaluation) -> None:
        worst = mistakes.worst(self._head, evaluation, self._options.mistakes)
        if not worst:
            return
        records = inputs.records_at(self._eval_shards, {mistake.place for mistake in worst})
        images = self._network.images
        others = [name for name in self._declaration.used if name not in images]
        if others:
            text = mistakes.table(worst, records, others)
            self._summaries.text(step, "mistakes", text)
        if not images:
            return
        features, _ = self._transform.parse(tf.constant([records[each.place] for each in worst]))
        for name in images:
            shown = np.asarray(features[name])
            title = "mistakes" if len(images) == 1 else f"mistakes/{name}"
            self._summaries.pictures(step, title, mistakes.pictures(worst, shown))

    def _vectors(self) -> None:
        """Of the network that is made here; one of the user's has tables of its own."""
        table = getattr(self._network, "table", None)
        if self._options.vectors and table is not None and table.vectors:
            found = {
                name.rstrip("_"): (vectors.numpy(), self._transform.entries(name))
                for name, vectors in table.vectors.items()
            }
            write_vectors(self._folder, found)
