"""Warm-up requests that TensorFlow Serving replays before a version becomes available.

A TFRecord file of PredictionLog messages, `assets.extra/tf_serving_warmup_requests`
(https://www.tensorflow.org/tfx/serving/saved_model_warmup). A record that fails makes the server
refuse the version, so only signatures that the model has are asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray
from tensorflow_serving.apis import prediction_log_pb2

from components.serving_check.candidate import read_signatures
from components.serving_check.columns import tensors, together
from components.serving_check.feeds import feed_array
from components.serving_check.options import Options
from components.serving_check.reference import Reference, read_examples
from components.serving_check.signature_differences import differences
from documents.saved_model import WARM_UP

BATCHES = (1, 32)
"""Examples per request: the two shapes of traffic worth compiling and allocating for."""


def prepare_warm_up(version: Path, model_name: str, reference: Reference, options: Options) -> Path:
    """Writes the warm-up file into the folder of a SavedModel, and returns its path.

    It asks every expected signature that the candidate has in the expected form. The check of the
    signatures says what is missing; a record for it would only keep the server from loading and
    hide that.
    """
    found = read_signatures(version)
    usable = [
        name
        for name, expected in options.signatures.items()
        if not list(differences(name, expected, found.get(name)))
    ]
    path = version / WARM_UP
    path.parent.mkdir(exist_ok=True)
    # A candidate may come with a warm-up file of its own, and here it is a hard link to it.
    path.unlink(missing_ok=True)
    write_warm_up_file(str(path), warm_up_records(model_name, usable, reference, options))
    return path


def warm_up_records(
    model_name: str, names: Iterable[str], reference: Reference, options: Options
) -> Iterator[prediction_log_pb2.PredictionLog]:
    """Yields one predict request for each signature and batch size."""
    for name in names:
        signature = options.signatures[name]
        for batch in BATCHES:
            record = prediction_log_pb2.PredictionLog()
            request = record.predict_log.request
            request.model_spec.name = model_name
            request.model_spec.signature_name = name
            array = feed_array(signature, reference.examples[:batch], options)
            for key, values in tensors(signature, array).items():
                request.inputs[key].CopyFrom(tf.make_tensor_proto(values))
            yield record


def write_warm_up_file(path: str, records: Iterable[prediction_log_pb2.PredictionLog]) -> None:
    """Writes the records to a local file."""
    with tf.io.TFRecordWriter(path) as writer:
        for record in records:
            writer.write(record.SerializeToString())


def read_warm_up_file(path: str) -> Iterator[tuple[str, NDArray[np.generic]]]:
    """Yields (signature name, input) of each record; of several inputs one array of rows.

    Raises:
      ValueError: a record is no PredictionLog of a predict request.
    """
    for number, data in enumerate(read_examples([path])):
        record = prediction_log_pb2.PredictionLog.FromString(data)
        request = record.predict_log.request
        inputs = {key: tf.make_ndarray(tensor) for key, tensor in sorted(request.inputs.items())}
        if len({values.shape[:1] for values in inputs.values()}) != 1:
            raise ValueError(f"record {number} of {path} is no predict request for some instances")
        yield request.model_spec.signature_name, together(inputs)
