"""A request body for the live model, so that the first prediction is one copied command away."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import tensorflow as tf

from components.example_gen.formats.tfrecord.format import whole_records
from documents.features import Features
from documents.predict_request import PredictRequest
from documents.reference import EXAMPLES
from documents.writer import replace
from serving.base_path import storage


def write_request(model_uri: str, path: Path) -> None:
    """Writes the first reference example of a trained model as a TF Serving REST predict request.

    Args:
      model_uri: the Model artifact's folder.
      path: where the JSON goes: `{"signature_name": …, "instances": [rows of pixels]}`; of
        columns the request of `features.json`.
    """
    document = storage.read_document(Features, f"{model_uri}/{Features.FILE}")
    if document is None:
        return
    image = document.only_image
    if not (image and image.input):
        if document.example:
            replace(str(path), document.example.encode())
        return
    examples = f"{model_uri}/{EXAMPLES}"
    with storage.reading(examples) as file:
        example = tf.train.Example.FromString(next(whole_records(file, examples, 0, None)))
    [pixels] = example.features.feature[image.name].bytes_list.value
    instance = np.frombuffer(pixels, np.uint8).reshape(image.input.shape[1:])
    request = PredictRequest(signature_name="serving_default", instances=(instance.tolist(),))
    replace(str(path), request.encode())
