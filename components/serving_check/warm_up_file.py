"""Warm-up requests that TensorFlow Serving replays before a version becomes available.

A TFRecord file of PredictionLog messages, `assets.extra/tf_serving_warmup_requests`
(https://www.tensorflow.org/tfx/serving/saved_model_warmup). A record that fails makes the server
refuse the version, so only signatures that the model has are asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray
from tensorflow_serving.apis import prediction_log_pb2

from components.serving_check.feeds import feed_array
from components.serving_check.options import Options
from components.serving_check.reference import Reference, read_examples

WARM_UP_FILE = "tf_serving_warmup_requests"
BATCHES = (1, 32)
"""Examples per request: the two shapes of traffic worth compiling and allocating for."""


def warm_up_records(
    model_name: str, signatures: Iterable[str], reference: Reference, options: Options
) -> Iterator[prediction_log_pb2.PredictionLog]:
    """Yields one predict request for each signature and batch size."""
    for name in signatures:
        signature = options.signatures[name]
        [key] = signature.inputs
        for batch in BATCHES:
            record = prediction_log_pb2.PredictionLog()
            request = record.predict_log.request
            request.model_spec.name = model_name
            request.model_spec.signature_name = name
            array = feed_array(signature, reference.examples[:batch], options)
            request.inputs[key].CopyFrom(tf.make_tensor_proto(array))
            yield record


def write_warm_up_file(path: str, records: Iterable[prediction_log_pb2.PredictionLog]) -> None:
    """Writes the records to a local file."""
    with tf.io.TFRecordWriter(path) as writer:
        for record in records:
            writer.write(record.SerializeToString())


def read_warm_up_file(path: str) -> Iterator[tuple[str, NDArray[np.generic]]]:
    """Yields (signature name, input) of each record.

    Raises:
      ValueError: a record is no PredictionLog of a predict request with one input.
    """
    for number, data in enumerate(read_examples([path])):
        record = prediction_log_pb2.PredictionLog.FromString(data)
        request = record.predict_log.request
        if len(request.inputs) != 1:
            raise ValueError(f"record {number} of {path} is no predict request with one input")
        [tensor] = request.inputs.values()
        yield request.model_spec.signature_name, tf.make_ndarray(tensor)
