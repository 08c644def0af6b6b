"""The examples that a run made, as tables."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import tensorflow as tf
from numpy.typing import NDArray

from models.declaration import Declaration


def records(root: Path, split: str) -> Iterator[bytes]:
    """The serialized examples of a split, in the order of its shards."""
    shards = sorted(map(str, root.glob(f"artifacts/ExampleGen/examples/*/Split-{split}/*")))
    yield from tf.data.TFRecordDataset(shards).as_numpy_iterator()


def rows_of(root: Path, declaration: Declaration, split: str) -> tuple[pd.DataFrame, NDArray[Any]]:
    """Features, with NaN or None where one is missing, and labels [N]."""
    rows, labels = [], []
    for record in records(root, split):
        found = tf.train.Example.FromString(record).features.feature
        labels.append(_value(found, declaration.label.name))
        rows.append({name: _value(found, name) for name in declaration.used})
    table = pd.DataFrame(rows)
    for name, kind in declaration.used.items():
        if kind.STORED == "FLOAT":
            table[name] = table[name].astype(float)
    return table, np.array(labels)


def _value(found: Any, name: str) -> Any:
    feature = found[name] if name in found else tf.train.Feature()
    if feature.bytes_list.value:
        return feature.bytes_list.value[0].decode("utf-8", "replace")
    values = [*feature.float_list.value, *feature.int64_list.value]
    return values[0] if values else math.nan if feature.HasField("float_list") else None
