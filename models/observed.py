"""What the train split holds of each feature and of a label, as `features.json` tells it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import tensorflow as tf

from documents.features import Seen
from models.declaration import Declaration
from models.features.number.kind import Number
from models.labels.number.kind import NumberLabel
from models.training import inputs

MOST = 10_000
"""Examples that are looked at; those of a larger split are spread over it."""
_DTYPES = {"FLOAT": tf.float32, "BYTES": tf.string}


def observed(shards: Sequence[str], declaration: Declaration) -> Mapping[str, Seen]:
    """Looks at the values of all features but images and texts, and of a label that is a number;
    those found, by name.

    Raises InputsError when there is no shard.
    """
    kinds = {n: kind for n, kind in declaration.used.items() if kind.kind not in ("image", "text")}
    if isinstance(declaration.label, NumberLabel):
        kinds[declaration.label.name] = Number(kind="number")
    if not kinds:
        return {}
    spec = {name: tf.io.VarLenFeature(_DTYPES[str(kind.STORED)]) for name, kind in kinds.items()}

    def parse(examples: tf.Tensor) -> tuple[Any, tf.Tensor]:
        found = tf.io.parse_example(examples, spec)
        return {name: sparse.values for name, sparse in found.items()}, tf.size(examples)

    values: dict[str, list[Any]] = {name: [] for name in kinds}
    for columns, _ in inputs.spread_batches(shards, parse, MOST):
        for name, found in columns.items():
            values[name] += found.numpy().tolist()
    seen = {name: kind.seen(values[name]) for name, kind in kinds.items()}
    return {name: found for name, found in seen.items() if found}
