"""The folder `reference/` beside a model: what the trained network answered in Python."""

from __future__ import annotations

from documents.questions import Questions

FOLDER = "reference"
"""In the folder of a Model artifact."""
EXAMPLES = f"{FOLDER}/examples.tfrecord"
"""Serialized tf.Examples."""
PROBABILITIES = f"{FOLDER}/probabilities.npy"
"""The answers to them in the same order: float32 [number of examples, number of labels]."""
QUESTIONS = f"{FOLDER}/{Questions.FILE}"
"""Further inputs with their answers, and the labels."""
