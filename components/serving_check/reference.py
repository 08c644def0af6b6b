"""What the trained model answered in Python, beside the examples it was asked about."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterator, Sequence

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

EXAMPLES_FILE = os.path.join("reference", "examples.tfrecord")
PROBABILITIES_FILE = os.path.join("reference", "probabilities.npy")
_READ_BATCH = 1_024


class MissingReferenceError(ValueError):
    """The model comes without a usable reference to hold its answers against."""


@dataclasses.dataclass(frozen=True)
class Reference:
    """Examples and the trained model's answers to them."""

    examples: Sequence[bytes]
    """Serialized tf.Examples."""
    probabilities: NDArray[np.float32]
    """[number of examples, number of labels]"""


def read_reference(model: str) -> Reference:
    """Reads what the Trainer left beside the SavedModel in the Model artifact's folder.

    Raises:
      MissingReferenceError: the files are missing or do not fit one another.
    """
    examples_file = os.path.join(model, EXAMPLES_FILE)
    probabilities_file = os.path.join(model, PROBABILITIES_FILE)
    for path in (examples_file, probabilities_file):
        if not tf.io.gfile.exists(path):
            raise MissingReferenceError(
                f"The serving check needs {path}; have run_fn write the reference examples and "
                "the trained model's answers beside the SavedModel."
            )
    examples = list(read_examples([examples_file]))
    with tf.io.gfile.GFile(probabilities_file, "rb") as file:
        probabilities = np.load(file)
    if not examples or probabilities.ndim != 2 or len(probabilities) != len(examples):
        raise MissingReferenceError(
            f"{probabilities_file} has shape {list(probabilities.shape)}, which does not fit the "
            f"{len(examples)} examples of {examples_file}; train again to write both."
        )
    return Reference(examples, probabilities)


def read_examples(files: Sequence[str]) -> Iterator[bytes]:
    """Yields the records of TFRecord files, which are gzip-compressed when named .gz."""
    for file in files:
        compression = "GZIP" if file.endswith(".gz") else ""
        # Whole batches: taking records one by one costs five times the CPU.
        records = tf.data.TFRecordDataset(file, compression_type=compression).batch(_READ_BATCH)
        for batch in records.as_numpy_iterator():
            yield from batch
