"""The vectors of words and categories, for TensorBoard's projector."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import tensorflow as tf
from numpy.typing import NDArray

MOST = 10_000
"""Words, the most frequent ones; the projector takes no more into a picture."""
CONFIG = "projector_config.pbtxt"


def write_vectors(folder: str, vectors: Mapping[str, tuple[NDArray[Any], Sequence[str]]]) -> None:
    """Writes what the projector finds in the folder of a run.

    Args:
      folder: of the event file.
      vectors: by name, float32 [N or more, D], and the N words `column=word` in their order.
    """
    # It takes a tenth of a second, and only a network with words needs it.
    from google.protobuf import text_format
    from tensorboard.plugins import projector

    config = projector.ProjectorConfig()
    tf.io.gfile.makedirs(folder)
    for name, (values, words) in vectors.items():
        words = words[:MOST]
        entry = config.embeddings.add(
            tensor_name=name, tensor_path=f"{name}.tsv", metadata_path=f"{name}_names.tsv"
        )
        lines = ("\t".join(f"{value:.6g}" for value in row) for row in values[: len(words)])
        _write(os.path.join(folder, entry.tensor_path), lines)
        named = (_plain(word).partition("=") for word in words)
        _write(
            os.path.join(folder, entry.metadata_path),
            ["word\tcolumn", *(f"{word or column}\t{column}" for column, _, word in named)],
        )
    _write(os.path.join(folder, CONFIG), [text_format.MessageToString(config)])


def _plain(word: str) -> str:
    return " ".join(word.split())


def _write(path: str, lines: Iterable[str]) -> None:
    with tf.io.gfile.GFile(path, "w") as file:
        file.write("\n".join(lines) + "\n")
