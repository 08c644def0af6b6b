"""Labels of whole splits, and how many examples each slice has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import tensorflow as tf

from components.evaluator.constant import Labels
from components.evaluator.tag_labels import tag_labels
from components.serving_check.reference import read_examples
from documents.features import Label

_BATCH = 4_096


def read_labels(files: Sequence[str], label: Label) -> Labels:
    """Of all examples in TFRecord files, as metrics take them.

    Raises tf.errors.OpError when a file cannot be read, or an example has no label.
    """
    found = [_labels(batch, label) for batch in _batches(files)]
    return np.concatenate(found) if found else np.zeros([0])


def _labels(examples: list[bytes], label: Label) -> Labels:
    if label.kind == "tags":
        return tag_labels(examples, label.values or (), label.name)
    dtype = tf.int64 if label.kind == "classes" else tf.float32
    spec = {label.name: tf.io.FixedLenFeature([], dtype)}
    found: Labels = tf.io.parse_example(examples, spec)[label.name].numpy()
    return found


def slice_sizes(files: Sequence[str], features: Iterable[str]) -> dict[str, int]:
    """How many examples have a value of a feature, by slice as verdicts name it."""
    wanted = [*features]
    counts: Counter[str] = Counter()
    for batch in _batches(files) if wanted else ():
        for example in batch:
            held = tf.train.Example.FromString(example).features.feature
            for name in wanted:
                # Looking an absent feature up would silently create it.
                counts.update(_slices(name, held[name]) if name in held else ())
    return dict(counts)


def _slices(name: str, feature: tf.train.Feature) -> Iterator[str]:
    values = {*feature.int64_list.value, *feature.bytes_list.value}
    for value in values:
        shown = value.decode("utf-8", "replace") if isinstance(value, bytes) else value
        yield f"{name}={shown}"


def _batches(files: Sequence[str]) -> Iterator[list[bytes]]:
    batch: list[bytes] = []
    for example in read_examples(files):
        batch.append(example)
        if len(batch) == _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
