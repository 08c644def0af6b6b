"""What the trained network said in memory, kept beside the model to check the served one by."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from documents.questions import Question, Questions
from documents.reference import EXAMPLES, FOLDER, PROBABILITIES, QUESTIONS
from models import features
from models.export import decode_images, raw_pixels
from models.features.image.edges import edge_images
from models.features.image.files import image_files

COUNT = 512
"""How many examples are kept, if there are so many."""

_OTHERS = {
    "comment": tf.train.Feature(bytes_list=tf.train.BytesList(value=[b"two", b"words"])),
    "price": tf.train.Feature(float_list=tf.train.FloatList(value=[9.95])),
    "number": tf.train.Feature(int64_list=tf.train.Int64List(value=[-1])),
    features.LABEL: tf.train.Feature(int64_list=tf.train.Int64List(value=[0])),
}

Predict = Callable[[tf.Tensor], tf.Tensor]
"""string [N] of raw pixels to probabilities, float32 [N, 10]."""


def write_reference(
    model: str,
    examples: Sequence[bytes],
    probabilities: NDArray[np.float32],
    asked: Questions,
) -> None:
    """Writes serialized examples and, in the same order, their probabilities [N, 10]; and
    questions that no example asks.

    They lie in `reference/` in the folder of the Model artifact.
    """
    tf.io.gfile.makedirs(os.path.join(model, FOLDER))
    with tf.io.TFRecordWriter(os.path.join(model, EXAMPLES)) as writer:
        for example in examples:
            writer.write(example)
    with tf.io.gfile.GFile(os.path.join(model, PROBABILITIES), "wb") as file:
        np.save(file, probabilities)
    with tf.io.gfile.GFile(os.path.join(model, QUESTIONS), "wb") as file:
        file.write(asked.encode())


def ask(predict: Predict, raw: Sequence[bytes]) -> Questions:
    """Has the network answer edge images, and image files as `image_bytes` decodes them.

    The files go through the very function of the export, called in Python.

    Args:
      predict: the trained network behind the transform graph.
      raw: pixels of real images, at least one.
    """
    shape = (features.HEIGHT, features.WIDTH)
    images = np.stack([np.frombuffer(raw[i % len(raw)], np.uint8).reshape(shape) for i in range(4)])
    edges = list(edge_images(images[0]))
    files = [(name, file, _decoded(file)) for name, file in image_files(images)]
    examples = [
        *((name, image.tobytes(), {}) for name, image in edges),
        ("an image among other features", images[0].tobytes(), _OTHERS),
    ]
    pixels = [image for _, image, _ in examples] + [found for _, _, found in files if found]
    answers = iter(predict(tf.constant(pixels)).numpy().tolist())
    return Questions(
        labels=features.LABELS,
        fixed_size=True,
        examples=tuple(
            Question.of(name, _example(image, others), tuple(next(answers)))
            for name, image, others in examples
        ),
        files=tuple(
            Question.of(name, file, tuple(next(answers)) if found else None)
            for name, file, found in files
        ),
    )


def _decoded(file: bytes) -> bytes | None:
    """Raw pixels of an image file; None when the function takes no such file."""
    try:
        return raw_pixels(decode_images(tf.constant([file]))).numpy()[0]
    except tf.errors.InvalidArgumentError:
        return None


def _example(pixels: bytes, others: Mapping[str, tf.train.Feature]) -> bytes:
    """As a client sends it, who knows no label, and may send what nobody asked for."""
    value = tf.train.Feature(bytes_list=tf.train.BytesList(value=[pixels]))
    return tf.train.Example(
        features=tf.train.Features(feature={features.IMAGE: value, **others})
    ).SerializeToString()
