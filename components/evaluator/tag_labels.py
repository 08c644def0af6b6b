"""Tags as metrics take them: a one or a zero for each, where examples hold texts."""

from __future__ import annotations

import copy
import os
from collections.abc import Sequence
from typing import Any

import apache_beam as beam
import numpy as np
import tensorflow as tf
import tensorflow_model_analysis as tfma
from numpy.typing import NDArray
from tensorflow_model_analysis import constants
from tensorflow_model_analysis.extractors import labels_extractor
from tensorflow_model_analysis.proto import config_pb2

from documents.features import Features
from documents.saved_model import EXTRA
from serving.base_path import storage

FUNCTION = f"{__name__}.extractors"
"""What the Evaluator's `custom_extractors` names; the standard executor calls it."""


def extractors(
    eval_shared_model: Any, eval_config: config_pb2.EvalConfig, tensor_adapter_config: Any
) -> list[Any]:
    """The standard ones, and one that replaces the labels."""
    models = eval_shared_model if isinstance(eval_shared_model, list) else [eval_shared_model]
    names = _names(models[0].model_path)
    stage = tfma.extractors.Extractor(
        stage_name="ExtractTags",
        ptransform="ExtractTags"
        >> beam.Map(_with_tags, names, eval_config.model_specs[0].label_key),
    )
    found = []
    for each in tfma.default_extractors(
        eval_shared_model=eval_shared_model,
        eval_config=eval_config,
        tensor_adapter_config=tensor_adapter_config,
    ):
        found.append(each)
        if each.stage_name == labels_extractor.LABELS_EXTRACTOR_STAGE_NAME:
            found.append(stage)
    return found


def _names(model: str) -> tuple[str, ...]:
    document = storage.read_document(Features, os.path.join(model, EXTRA, Features.FILE))
    return (document.label.values if document else None) or ()


def _with_tags(batch: dict[str, Any], names: Sequence[str], label: str) -> dict[str, Any]:
    """A batch whose labels are those of its serialized examples."""
    found = tag_labels(batch[constants.INPUT_KEY], names, label)
    result = copy.copy(batch)
    of_models = batch[constants.LABELS_KEY]
    is_by_model = isinstance(of_models, dict)
    result[constants.LABELS_KEY] = dict.fromkeys(of_models, found) if is_by_model else found
    return result


def tag_labels(examples: Sequence[bytes], names: Sequence[str], label: str) -> NDArray[np.float32]:
    """float32 [N, names]: 1 where a serialized tf.Example has the tag."""
    places = {name.encode(): place for place, name in enumerate(names)}
    found = np.zeros((len(examples), len(names)), np.float32)
    for row, example in enumerate(examples):
        features = tf.train.Example.FromString(example).features.feature
        # Looking an absent feature up would silently create it.
        for tag in features[label].bytes_list.value if label in features else ():
            found[row, places[tag]] = 1
    return found
