"""A request body for the live model, so that the first prediction is one copied command away."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import tensorflow as tf

from documents.predict_request import PredictRequest
from documents.reference import EXAMPLES
from documents.writer import replace
from models import features


def write_request(model_uri: Path, path: Path) -> None:
    """Writes the first reference example of a trained model as a TF Serving REST predict request.

    Args:
      model_uri: the Model artifact's folder.
      path: where the JSON goes: `{"signature_name": …, "instances": [28 rows of 28 pixels]}`.
    """
    [record] = tf.data.TFRecordDataset(str(model_uri / EXAMPLES)).take(1)
    example = tf.train.Example.FromString(record.numpy())
    [pixels] = example.features.feature[features.IMAGE].bytes_list.value
    image = np.frombuffer(pixels, np.uint8).reshape(features.HEIGHT, features.WIDTH)
    request = PredictRequest(signature_name="serving_default", instances=(image.tolist(),))
    replace(str(path), request.encode())
