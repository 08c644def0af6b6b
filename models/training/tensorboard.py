"""What TensorBoard shows of a training."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from models import confusion


class Summaries:
    """Writes the event file of one training."""

    def __init__(self, folder: str):
        self._writer = tf.summary.create_file_writer(folder)

    def scalars(self, step: int, **values: float) -> None:
        """One point for each of the curves, which are named by the keywords."""
        with self._writer.as_default(step):
            for name, value in values.items():
                tf.summary.scalar(name, value)

    def confusion(self, step: int, matrix: NDArray[np.int64], names: Sequence[str]) -> None:
        """A picture of the confusion matrix."""
        with self._writer.as_default(step):
            tf.summary.image("confusion", confusion.draw(matrix, names)[np.newaxis])

    def pictures(self, step: int, name: str, images: NDArray[np.uint8]) -> None:
        """Pictures of one size, uint8 [N, height, width, 3]."""
        with self._writer.as_default(step):
            tf.summary.image(name, images, max_outputs=len(images))

    def text(self, step: int, name: str, markdown: str) -> None:
        """A text in Markdown."""
        with self._writer.as_default(step):
            tf.summary.text(name, markdown)

    def histograms(self, step: int, variables: Sequence[tf.Variable]) -> None:
        """The distribution of each variable's values."""
        with self._writer.as_default(step):
            for variable in variables:
                tf.summary.histogram(variable.name.partition(":")[0], variable)

    def graph(self, function: tf.types.experimental.ConcreteFunction) -> None:
        """The graph of the network."""
        with self._writer.as_default(0):
            tf.summary.graph(function.graph.as_graph_def())

    def close(self) -> None:
        """Writes what is waiting."""
        self._writer.close()
