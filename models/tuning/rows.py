"""Transformed examples in memory: read once, and shared by all trainings of a search."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from models.training import inputs
from models.training.loop import Batch
from models.training.options import TrainingOptions

Array = NDArray[Any]
MOST_BYTES = 2 << 30
"""Of the examples in memory; more of them are read from their shards for each training."""
_EVALUATED = 500
"""Examples predicted at once."""


class Rows:
    """Tensors by name, of which rows can be taken in any order."""

    def __init__(self, columns: dict[str, Array | Sparse], labels: Array):
        self._columns, self.labels = columns, labels

    @property
    def examples(self) -> int:
        """How many rows there are."""
        return len(self.labels)

    def take(self, places: Array) -> Batch:
        """The rows at `places`, int [N], as the network takes them."""
        found = {name: _taken(column, places) for name, column in self._columns.items()}
        return found, tf.constant(self.labels[places])

    def evaluation(self) -> list[Batch]:
        """All rows in their order."""
        order = np.arange(self.examples)
        return [
            self.take(order[start : start + _EVALUATED])
            for start in range(0, self.examples, _EVALUATED)
        ]

    def batches(self, options: TrainingOptions, steps_per_epoch: int) -> Iterator[Batch]:
        """As training_batches of models.training.inputs: full ones, each epoch in its own order."""
        for epoch in range(options.epochs):
            order = np.random.default_rng([options.seed, epoch]).permutation(self.examples)
            for step in range(steps_per_epoch):
                yield self.take(order[step * options.batch_size :][: options.batch_size])


class Sparse:
    """A sparse matrix [N, …] of which rows can be taken."""

    def __init__(self, parts: Sequence[tf.SparseTensor]):
        """Puts batches one below the other."""
        lengths, columns, values = [], [], []
        for part in parts:
            rows, places = part.indices.numpy().T if part.values.shape[0] else ((), ())
            lengths.append(np.bincount(np.asarray(rows, int), minlength=int(part.dense_shape[0])))
            columns.append(np.asarray(places, np.int64))
            values.append(part.values.numpy())
        self._lengths = np.concatenate(lengths)
        self._starts = np.concatenate([[0], np.cumsum(self._lengths)])
        self._columns, self._values = np.concatenate(columns), np.concatenate(values)

    @property
    def nbytes(self) -> int:
        """Bytes that the column takes in memory."""
        held: int = self._columns.nbytes + self._values.nbytes + self._starts.nbytes
        return held

    def take(self, places: Array) -> tf.SparseTensor:
        """The rows at `places`, int [N]."""
        lengths = self._lengths[places]
        ends = np.cumsum(lengths)
        # The place of each value: where its row starts, and how far into the row it is.
        within = np.arange(int(lengths.sum())) - np.repeat(ends - lengths, lengths)
        chosen = np.repeat(self._starts[places], lengths) + within
        columns = self._columns[chosen]
        rows = np.repeat(np.arange(len(places)), lengths)
        width = int(columns.max(initial=-1)) + 1
        return tf.SparseTensor(
            np.stack([rows, columns], axis=1).astype(np.int64),
            self._values[chosen],
            [len(places), width],
        )


class Streamed:
    """What does not fit into memory, read from its shards for each training."""

    def __init__(self, shards: Sequence[str], parse: inputs.Parse):
        self._shards, self._parse = shards, parse
        self.examples = inputs.count_examples(shards)

    @property
    def labels(self) -> Iterator[Array]:
        """Batch by batch."""
        return inputs.labels(self._shards, self._parse)

    def evaluation(self) -> tf.data.Dataset:
        """All rows in their order."""
        return inputs.evaluation_batches(self._shards, self._parse)

    def batches(self, options: TrainingOptions, steps_per_epoch: int) -> tf.data.Dataset:
        """As a training of the Trainer gets them."""
        return inputs.training_batches(
            self._shards,
            self._parse,
            epochs=options.epochs,
            batch_size=options.batch_size,
            steps_per_epoch=steps_per_epoch,
            seed=options.seed,
        )


def load(
    shards: Sequence[str],
    parse: inputs.Parse,
    most_bytes: int = MOST_BYTES,
    stopped: Callable[[], object] = lambda: None,
) -> Rows | Streamed:
    """Reads the shards into memory, where they take at most `most_bytes` there.

    Args:
      stopped: called after each batch; what it raises ends the reading.
    """
    parts: dict[str, list[Any]] = {}
    labels: list[Array] = []
    size = 0
    for features, label in inputs.evaluation_batches(shards, parse):
        stopped()
        for name, values in features.items():
            kept = values if isinstance(values, tf.SparseTensor) else values.numpy()
            size += kept.values.numpy().nbytes * 3 if values is kept else kept.nbytes
            parts.setdefault(name, []).append(kept)
        labels.append(label.numpy())
        if size > most_bytes:
            return Streamed(shards, parse)
    if not labels:
        raise inputs.InputsError("A split is empty: give it examples with data.split.")
    columns = {name: _joined(found) for name, found in parts.items()}
    return Rows(columns, np.concatenate(labels))


def _joined(parts: list[Any]) -> Array | Sparse:
    return Sparse(parts) if isinstance(parts[0], tf.SparseTensor) else np.concatenate(parts)


def _taken(column: Array | Sparse, places: Array) -> Any:
    return column.take(places) if isinstance(column, Sparse) else tf.constant(column[places])
