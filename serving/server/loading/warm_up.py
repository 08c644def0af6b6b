"""Replays a model's warm-up requests, so that the first client does not wait for first runs."""

from __future__ import annotations

import logging
import os

from google.protobuf.message import DecodeError
from tensorflow_serving.apis import prediction_log_pb2

from documents.saved_model import WARM_UP
from serving.server.loading import file_system
from serving.server.loading.tf_record import read_records
from serving.server.messages import messages
from serving.server.servable import Servable
from serving.server.status import Code, StatusError, invalid_argument

_logger = logging.getLogger(__name__)

MAX_RECORDS = 1000


def warm_up(model: Servable, path: str, iterations: int = 1) -> None:
    """Runs every request of the warm-up file; nothing happens when there is none.

    Args:
      model: just loaded.
      path: folder of its version.
      iterations: how often each request is run; at least once.

    Raises:
      StatusError: a request fails, or the file is not a TFRecord file of at most 1000
        PredictionLogs; the version is not served then
        (servables/tensorflow/saved_model_warmup_util.cc).
    """
    file = os.path.join(path, WARM_UP)
    if not file_system.exists(file):
        return
    count = 0
    for record in read_records(file):
        count += 1
        if count > MAX_RECORDS:
            raise invalid_argument(
                f"Number of warmup records exceeds the maximum ({MAX_RECORDS}) at {file}"
            )
        for _ in range(max(iterations, 1)):
            _replay(model, record, file)
    _logger.info("Finished reading warmup data: %d requests from %s", count, file)


def _replay(model: Servable, record: bytes, file: str) -> None:
    log = prediction_log_pb2.PredictionLog()
    try:
        log.ParseFromString(record)
    except DecodeError as error:
        raise invalid_argument(f"Failed to parse warmup record from {file}") from error
    kind = log.WhichOneof("log_type")
    if kind == "predict_log":
        messages.predict(model, log.predict_log.request)
    elif kind == "classify_log":
        messages.classify(model, log.classify_log.request)
    elif kind == "regress_log":
        messages.regress(model, log.regress_log.request)
    elif kind == "multi_inference_log":
        messages.multi_inference(model, log.multi_inference_log.request)
    elif kind is not None:
        raise StatusError(Code.UNIMPLEMENTED, f"Unsupported log_type for warmup: {kind}")
