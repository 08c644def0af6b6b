"""One training of a search: the Trainer's network and loop, on examples in memory."""

from __future__ import annotations

import gc
import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from models.declaration import Declaration
from models.hub.module import Module
from models.network import Network, prediction_function
from models.training.loop import Batch, fit
from models.training.options import TrainingOptions
from models.transform_graph import TransformGraph
from models.tuning.budget import Budget
from models.tuning.metrics import METRICS, Answers
from models.tuning.rows import Rows, Streamed
from models.user_code import PREPROCESS, UserFunction
from models.user_network import UserNetwork, network_of

Watch = Callable[[list[float]], None]
"""Is told the values after each epoch so far; what it raises ends the training."""


class DivergedError(RuntimeError):
    """The training led nowhere: its metric is no number."""


class Bench:
    """What all trainings of a search share."""

    def __init__(
        self,
        declaration: Declaration,
        transform: TransformGraph,
        train: Rows | Streamed,
        evaluation: Rows | Streamed,
        metric: str,
        budget: Budget,
        *,
        module: Module | None = None,
        trainable: bool = True,
        modules: Mapping[str, Module] | None = None,
        functions: Mapping[str, UserFunction] | None = None,
    ):
        self._declaration, self._transform = declaration, transform
        self._train, self._metric, self._budget = train, METRICS[metric], budget
        self._batches: Iterable[Batch] = evaluation.evaluation()
        self.examples = evaluation.examples
        self._module, self._trainable = module, trainable
        self._modules, self._functions = modules or {}, functions or {}
        self._threshold = getattr(declaration.label, "threshold", 0.5)

    def train(self, options: TrainingOptions, watch: Watch) -> list[float]:
        """Trains anew with these options; the metric on the eval split after each epoch.

        Raises:
          TimeUpError: there is no time left.
          DivergedError: the metric is no number.
        """
        try:
            network = self._network(options)
            network.label.look_at(self._labels, options.class_weights)
            observer = _Observer(self, network, watch)
            fit(
                network,
                (),
                self._transform.parse,
                options,
                observer,
                eval_loss=observer.loss,
                source=_Timed(self._train, self._budget),
            )
            if options.early_stopping:
                # The weights of the best epoch were taken back.
                observer.history.append(observer.value())
            return observer.history
        finally:
            # A network and its graphs refer to each other.
            network = observer = None  # type: ignore[assignment]
            gc.collect()

    def _network(self, options: TrainingOptions) -> Network | UserNetwork:
        own = network_of(
            self._functions, self._declaration, self._transform, options.seed, options.options
        )
        return own or Network(
            self._declaration,
            self._module,
            trainable=self._trainable,
            seed=options.seed,
            sizes=self._transform.sizes,
            modules=self._modules,
            options=options,
        )

    def _labels(self) -> Iterable[Any]:
        labels = self._train.labels
        return [labels] if isinstance(labels, np.ndarray) else labels

    def answers(self, predict: Callable[[Any], Any]) -> Answers:
        """What a network says of the eval split."""
        found = []
        for features, labels in self._batches:
            self._budget.check()
            found.append((predict(features).numpy(), labels.numpy()))
        predictions, labels = zip(*found, strict=True)
        return Answers(np.concatenate(predictions), np.concatenate(labels), self._threshold)

    def value(self, answers: Answers) -> float:
        """The metric. Raises DivergedError."""
        found = self._metric.compute(answers)
        if not math.isfinite(found) or not np.isfinite(answers.predictions).all():
            raise DivergedError("the training diverged: the metric is not a number")
        return found


class _Observer:
    """Measures after each epoch."""

    def __init__(self, bench: Bench, network: Network | UserNetwork, watch: Watch):
        self._bench, self._head, self._watch = bench, network.label, watch
        self._predict = prediction_function(network, bench._transform.specs)
        self.history: list[float] = []

    def window_ended(
        self, step: int, *, loss: float, accuracy: float, learning_rate: float
    ) -> None:
        if not math.isfinite(loss):
            raise DivergedError("the training diverged: the loss is not a number")

    def epoch_ended(self, step: int) -> None:
        self.history.append(self.value())
        self._watch(self.history)

    def value(self) -> float:
        """The metric, as the network is now."""
        return self._bench.value(self._bench.answers(self._predict))

    def loss(self) -> float:
        """On the eval split, as the network is now."""
        answers = self._bench.answers(self._predict)
        return self._head.evaluation_loss(answers.predictions, answers.labels)


class _Timed:
    """A source that ends with the time."""

    def __init__(self, source: Rows | Streamed, budget: Budget):
        self._source, self._budget = source, budget
        self.examples = source.examples

    def batches(self, options: TrainingOptions, steps_per_epoch: int) -> Iterable[Batch]:
        for batch in self._source.batches(options, steps_per_epoch):
            self._budget.check()
            yield batch


def is_users(functions: Mapping[str, UserFunction]) -> bool:
    """Whether the transform graph is one of the user's."""
    return PREPROCESS in functions
