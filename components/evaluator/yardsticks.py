"""Reads what candidates are held against beside thresholds and the baseline."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import tensorflow as tf
from tfx import types
from tfx.types import artifact_utils
from tfx.utils import io_utils

from components.evaluator.constant import Constant, learned
from components.evaluator.labels_read import read_labels, slice_sizes
from components.evaluator.metric_kinds import OF_ALL
from components.evaluator.verdict import Threshold, Values, Yardsticks
from documents.features import Label
from documents.slice import OVERALL

_TRAIN = "train"


def measure(
    examples: Sequence[types.Artifact],
    label: Label,
    thresholds: Sequence[Threshold],
    values: Values,
    exec_properties: Mapping[str, Any],
) -> tuple[str | None, Yardsticks]:
    """What always the same answer is and is worth, and how large slices are.

    The answer is that of the train split, where the examples have one.

    Args:
      label: the candidate's.
      values: the candidate's, by metric and slice.
    """
    splits = json.loads(exec_properties.get("example_splits") or "null") or ["eval"]
    evaluated = _files(examples, splits)
    features = {threshold.feature for threshold in thresholds if threshold.feature}
    sizes = slice_sizes(evaluated, sorted(features))
    labels = read_labels(evaluated, label)
    constant = _constant(examples, label, splits)
    sizes[OVERALL] = len(labels)
    if constant is None:
        return None, Yardsticks(sizes=sizes, smallest=exec_properties.get("smallest_slice") or 0)
    metrics = dict.fromkeys(threshold.metric for threshold in thresholds)
    found = {metric: constant.worth(metric, labels) for metric in metrics}
    worths = {metric: worth for metric, worth in found.items() if worth is not None}
    first = next((m for m in worths if m in OF_ALL and (m, OVERALL) in values), None)
    return constant.words(label.values or ()), Yardsticks(
        constants=worths,
        must_beat=first if exec_properties.get("beat_constant") else None,
        sizes=sizes,
        smallest=exec_properties.get("smallest_slice") or 0,
    )


def _constant(
    examples: Sequence[types.Artifact], label: Label, evaluated: Sequence[str]
) -> Constant | None:
    known = artifact_utils.decode_split_names(examples[0].split_names)
    labels = read_labels(_files(examples, [_TRAIN] if _TRAIN in known else evaluated), label)
    if not len(labels):
        return None
    threshold = float(label.options.get("threshold", 0.5))
    return learned(label.kind, labels, len(label.values or "."), threshold)


def _files(examples: Sequence[types.Artifact], splits: Iterable[str]) -> list[str]:
    patterns = [
        io_utils.all_files_pattern(uri)
        for split in splits
        for uri in artifact_utils.get_split_uris([*examples], split)
    ]
    return sorted(path for pattern in patterns for path in tf.io.gfile.glob(pattern))
