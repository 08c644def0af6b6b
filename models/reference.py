"""What the trained network said in memory, kept beside the model to check the served one by."""

from __future__ import annotations

import os
from collections.abc import Sequence

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

EXAMPLES_FILE = "examples.tfrecord"
PROBABILITIES_FILE = "probabilities.npy"
COUNT = 512
"""How many examples are kept, if there are so many."""


def write_reference(
    folder: str, examples: Sequence[bytes], probabilities: NDArray[np.float32]
) -> None:
    """Writes serialized examples and, in the same order, their probabilities [N, 10]."""
    tf.io.gfile.makedirs(folder)
    with tf.io.TFRecordWriter(os.path.join(folder, EXAMPLES_FILE)) as writer:
        for example in examples:
            writer.write(example)
    with tf.io.gfile.GFile(os.path.join(folder, PROBABILITIES_FILE), "wb") as file:
        np.save(file, probabilities)
