"""Which Keras the libraries around us import, and with which of its own settings."""

from __future__ import annotations

import os


def choose_keras() -> None:
    """Decides in the environment, before anything imports TensorFlow.

    hub.KerasLayer is a tf_keras layer, so the libraries around it must agree on that Keras. And
    `~/.keras/keras.json` must not decide in which number format and order of axes a model of ours
    computes: both Kerases take their defaults where their home can be no folder.
    """
    os.environ["TF_USE_LEGACY_KERAS"] = "1"
    os.environ["KERAS_HOME"] = os.devnull
    os.environ.pop("KERAS_BACKEND", None)
