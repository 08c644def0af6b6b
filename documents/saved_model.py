"""The files of a SavedModel, as TensorFlow and TensorFlow Serving call them."""

from __future__ import annotations

SAVED_MODEL = "saved_model.pb"
"""Without it a folder is no SavedModel, and no server can load it."""
SAVED_MODEL_TEXT = "saved_model.pbtxt"
"""The same as text, which TensorFlow reads as well."""
VARIABLES = "variables"
"""Folder, and the prefix of the checkpoint in it."""
EXTRA = "assets.extra"
"""Folder of what TensorFlow itself passes over."""
WARM_UP_FILE = "tf_serving_warmup_requests"
WARM_UP = f"{EXTRA}/{WARM_UP_FILE}"
"""Where TensorFlow Serving looks for requests to replay before a version becomes available: a
TFRecord file of PredictionLogs (https://www.tensorflow.org/tfx/serving/saved_model_warmup)."""
