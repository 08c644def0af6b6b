"""What modules that are not trained make of the examples, computed once for each of them.

Such a module is nearly all of the work, and answers the same in every epoch. So the examples are
written down as the network takes them, with vectors in place of images and texts, and the training
reads those. They stay for the next training of the same data.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from documents.digest import file_digest
from documents.writer import UNFINISHED
from models.network import Network, vector_key
from models.training import inputs
from models.transform_graph import Tensors, TransformGraph

logger = logging.getLogger("progress")
_SECONDS = 5.0
"""Between two lines of progress."""


def can_be_once(network: Network, transform: TransformGraph, *, augment: bool) -> bool:
    """Whether something is computed once: by a frozen encoder, of images that stay the same, beside
    features that are plain rows of numbers."""
    if not network.frozen or (augment and network.images):
        return False
    return all(
        isinstance(spec, tf.TensorSpec)
        and spec.dtype != tf.string
        and None not in spec.shape.as_list()[1:]
        for spec in _specs(network, transform.specs).values()
    )


class FrozenVectors:
    """The examples of a training with the vectors of its frozen encoders."""

    def __init__(self, network: Network, transform: TransformGraph, folder: str):
        """`folder` is where they are kept; what lies there of another training goes."""
        self._network, self._transform, self._folder = network, transform, folder
        self._frozen = network.frozen
        self.specs = _specs(network, transform.specs)
        """Of what `parse` gives, by name."""
        self._label: tf.TensorSpec | None = None

    def examples(self, train: Sequence[str], evaluated: Sequence[str]) -> inputs.Examples:
        """The examples of both splits, with vectors; written where they are not there yet."""
        return inputs.Examples(
            self._shards("train", train), self._shards("eval", evaluated), self.parse, self.specs
        )

    def _shards(self, split: str, shards: Sequence[str]) -> list[str]:
        """The file of a split, in the order of its examples; written where it is not there yet."""
        path = os.path.join(self._folder, split)
        if not os.path.exists(path):
            self._write(split, path, shards)
        elif self._label is None:
            [(_, labels)] = self._batches(shards, limit=1)
            self._label = _spec(labels)
        return [path]

    def parse(self, records: tf.Tensor) -> tuple[Tensors, tf.Tensor]:
        """string [N] of what is written here to what the network takes, and the labels."""
        assert self._label is not None
        found, start = {}, 0
        for name, spec in {**self.specs, "": self._label}.items():
            count = int(np.prod(spec.shape[1:], dtype=int))
            part = tf.strings.substr(records, start, count * spec.dtype.size)
            values = tf.io.decode_raw(part, spec.dtype)
            found[name] = tf.ensure_shape(tf.reshape(values, [-1, *spec.shape[1:]]), spec.shape)
            start += count * spec.dtype.size
        return found, found.pop("")

    def _write(self, split: str, path: str, shards: Sequence[str]) -> None:
        count, done, told = inputs.count_examples(shards), 0, time.monotonic()
        logger.info("computing what the frozen module makes of %d %s examples, once", count, split)
        embed = tf.function(self._network.embedded, autograph=False)
        os.makedirs(self._folder, exist_ok=True)
        unfinished = os.path.join(self._folder, f"{UNFINISHED}{split}")
        with tf.io.TFRecordWriter(unfinished) as writer:
            for features, labels in self._batches(shards):
                vectors = embed(features)
                self._label = _spec(labels)
                for record in _records([*(vectors[name] for name in self.specs), labels]):
                    writer.write(record)
                done += len(labels)
                if time.monotonic() - told > _SECONDS:
                    told = time.monotonic()
                    logger.info("%d of %d %s examples", done, count, split)
        os.replace(unfinished, path)

    def _batches(self, shards: Sequence[str], limit: int = -1) -> tf.data.Dataset:
        size = inputs.evaluated_at_once(self._transform.specs)
        return inputs.evaluation_batches(
            shards, self._transform.parse, batch_size=size, limit=limit
        )


def place(folder: str, config: Mapping[str, Any], shards: Sequence[str], graph: str) -> str:
    """A folder below `folder` for the vectors of this data by this module, and no other's.

    How it is trained counts for nothing. What is there of other data or modules is deleted.

    Args:
      shards: local files.
      graph: the folder of the transform graph.
    """
    given = {key: config.get(key) for key in ("declaration", "hub", "modules", "code")}
    # Their content, as another store may number its artifacts alike.
    files = [*shards, *sorted(str(path) for path in Path(graph).rglob("*") if path.is_file())]
    text = json.dumps([given, [file_digest(Path(path)) for path in files]], sort_keys=True)
    own = hashlib.sha256(text.encode()).hexdigest()
    if os.path.isdir(folder):
        for name in os.listdir(folder):
            if name != own:
                shutil.rmtree(os.path.join(folder, name), ignore_errors=True)
    return os.path.join(folder, own)


def _specs(network: Network, specs: Mapping[str, tf.TypeSpec]) -> dict[str, tf.TypeSpec]:
    found = {name: spec for name, spec in specs.items() if name not in network.frozen}
    for name in network.frozen:
        width = network.encoders[name].width
        found[vector_key(name)] = tf.TensorSpec([None, width], tf.float32, vector_key(name))
    return found


def _spec(labels: tf.Tensor) -> tf.TensorSpec:
    return tf.TensorSpec([None, *labels.shape[1:]], labels.dtype)


def _records(columns: Sequence[tf.Tensor]) -> Iterator[bytes]:
    """The bytes of each row, of all columns one after the other."""
    rows = [np.ascontiguousarray(column.numpy()) for column in columns]
    flat = [row.reshape(len(row), -1).view(np.uint8).reshape(len(row), -1) for row in rows]
    yield from (record.tobytes() for record in np.concatenate(flat, axis=1))
