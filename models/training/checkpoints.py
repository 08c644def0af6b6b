"""Keeps an unfinished training, so that a killed run goes on where it was."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

import tensorflow as tf


class CheckpointError(RuntimeError):
    """The checkpoint of an unfinished training is damaged."""


def fingerprint(
    custom_config: Mapping[str, Any], shards: Sequence[str], transform_graph: str
) -> str:
    """Hex sha256 of what decides a training: equal ones may go on with each other's checkpoints.

    Where the checkpoints are kept does not count.
    """
    config = {key: value for key, value in custom_config.items() if key != "checkpoints"}
    text = json.dumps([config, list(shards), transform_graph], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


class Checkpoints:
    """The latest checkpoint of one training, in a folder of its own."""

    def __init__(self, folder: str, **state: Any):
        """`state` is what is saved and restored: trackable objects by name, already built."""
        self._folder = folder
        # A checkpoint counts once the small `checkpoint` file names it, and that is written beside
        # and renamed; only then the one before is deleted. So a kill never leaves half a one.
        self._manager = tf.train.CheckpointManager(
            tf.train.Checkpoint(**state), folder, max_to_keep=1
        )

    def restore(self) -> bool:
        """Restores the latest checkpoint, if there is one. Raises CheckpointError."""
        latest = self._manager.latest_checkpoint
        if latest is None:
            return False
        try:
            self._manager.checkpoint.restore(latest).assert_existing_objects_matched()
        # TensorFlow reports some damage by its own errors and some by Python's.
        except (tf.errors.OpError, IndexError, AssertionError) as error:
            raise CheckpointError(
                f"Checkpoint {latest} of an unfinished training cannot be read: delete "
                f"{self._folder} to train from the start."
            ) from error
        return True

    def save(self, step: int) -> None:
        """Replaces the checkpoint."""
        self._manager.save(checkpoint_number=step)


def remove(folder: str) -> None:
    """Deletes the checkpoints in `folder`, once the model is where it belongs."""
    if tf.io.gfile.exists(folder):
        tf.io.gfile.rmtree(folder)
