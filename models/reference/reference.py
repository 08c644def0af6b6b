"""What the trained network said in memory, kept beside the model to check the served one by."""

from __future__ import annotations

import base64
import itertools
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from documents.predict_request import PredictRequest
from documents.questions import Question, Questions
from documents.reference import EXAMPLES, FOLDER, PROBABILITIES, QUESTIONS
from models.declaration import Declaration
from models.features.image.edges import edge_images
from models.features.image.files import image_files
from models.features.image.mixed_files import mixed_files
from models.features.image.mixtures import mixed_images
from models.features.image.pictures import pixels_if_any
from models.features.image.png import png
from models.reference.answered import answered
from models.reference.decisions import decisions_of
from models.reference.feature_order import backwards
from models.reference.spoilt_examples import OTHER_FEATURES
from models.reference.undecided_images import undecided_images
from models.transform_graph import Tensors, TransformGraph

COUNT = 512
"""How many examples are kept, if there are so many; and those that show what none of them does."""
_LOOKED_AT = 20_000
"""Examples among which those are looked for, so that they are soon read again."""
_SHOWN = 0.05
"""How much likelier a label has to be elsewhere to be shown there."""
_REAL, _MIXED = 4, 64
"""Images of which others are made: edges and files, and mixtures."""

_EDGES, _BLENDS = 8 << 20, 3 << 20
"""Bytes of pixels that edges, and images next to a decision, may take; documents are no larger than
32 MiB, and hold them as base64 beside mixtures and files."""

Predict = Callable[[Tensors], tf.Tensor]
"""Transformed features to predictions, e.g. probabilities, float32 [N, classes]."""


def places(predictions: NDArray[np.float32]) -> list[int]:
    """The places of the examples to keep: the first COUNT, and for each label that is likelier
    behind them, as a rare one is, the example for which it is likeliest; of numbers the least and
    the greatest.

    Args:
      predictions: of all examples, [N, labels] or of numbers [N].
    """
    likely = predictions[:_LOOKED_AT].reshape(min(len(predictions), _LOOKED_AT), -1)
    first = likely[:COUNT]
    if likely.shape[1] == 1:
        others = {int(likely.argmin()), int(likely.argmax())}
    else:
        rare = likely.max(axis=0) > first.max(axis=0) + _SHOWN
        others = {*likely.argmax(axis=0)[rare].tolist()}
    return [*range(len(first)), *sorted(place for place in others if place >= len(first))]


def write_reference(
    model: str,
    examples: Sequence[bytes],
    probabilities: NDArray[np.float32],
    asked: Questions,
) -> None:
    """Writes serialized examples and, in the same order, their predictions [N, k]; and
    questions that no example asks.

    They lie in `reference/` in the folder of the Model artifact.
    """
    tf.io.gfile.makedirs(os.path.join(model, FOLDER))
    with tf.io.TFRecordWriter(os.path.join(model, EXAMPLES)) as writer:
        for example in examples:
            writer.write(example)
    with tf.io.gfile.GFile(os.path.join(model, PROBABILITIES), "wb") as file:
        np.save(file, probabilities.reshape(len(examples), -1))
    with tf.io.gfile.GFile(os.path.join(model, QUESTIONS), "wb") as file:
        file.write(asked.encode())


class AskedImages:
    """What can be asked of a model of images, and what the trained network answers."""

    def __init__(self, declaration: Declaration, transform: TransformGraph, predict: Predict):
        found = declaration.only_image
        assert found
        self._name, self._image = found
        self._declaration, self._transform, self._predict = declaration, transform, predict
        # Of what is asked thousands of times; a graph takes a part of the time each.
        self._asked = tf.function(
            lambda pixels: predict(transform.transform({self._name: pixels})),
            [tf.TensorSpec([None], tf.string)],
            autograph=False,
        )

    def example(self, record: bytes) -> PredictRequest:
        """A request about a serialized tf.Example."""
        [pixels] = self._raw([record])
        image = np.frombuffer(pixels, np.uint8).reshape(self._image.shape)
        content = base64.b64encode(png(image)).decode("ascii")
        return PredictRequest(signature_name="image_bytes", instances=({"b64": content},))

    def questions(self, records: Sequence[bytes], seed: int = 0) -> Questions:
        """Has the network answer edge images, mixtures, and image files as `image_bytes` decodes
        them.

        The files go through the very function of the export, called in Python.

        Args:
          records: serialized tf.Examples, at least one.
          seed: of the mixtures.
        """
        real = self._images(records[:_MIXED])
        images = real[np.arange(_REAL) % len(real)]
        edges = list(itertools.islice(edge_images(images[0]), max(1, _EDGES // self._image.nbytes)))
        files = [
            (name, file, pixels_if_any(file, *self._image.size, self._image.channels))
            for name, file in (
                *image_files(images),
                *mixed_files(real, np.random.default_rng(seed)),
            )
        ]
        label = self._declaration.label.name
        others = {
            **OTHER_FEATURES,
            label: tf.train.Feature(int64_list=tf.train.Int64List(value=[0])),
        }
        examples = [
            *((name, image.tobytes(), {}) for name, image in edges),
            ("an image among other features", images[0].tobytes(), others),
        ]
        pixels = [image for _, image, _ in examples] + [found for _, _, found in files if found]
        answers = iter(self._answers(pixels))
        return Questions(
            labels=self._declaration.label.names or (),
            tagging=self._declaration.label.tagging,
            fixed_size=True,
            examples=tuple(
                Question.of(name, self._example(image, others), tuple(next(answers)))
                for name, image, others in examples
            ),
            files=tuple(
                Question.of(name, file, tuple(next(answers)) if found else None)
                for name, file, found in files
            ),
            mixtures=tuple(self._mixtures(self._images(records), seed)),
        )

    def _mixtures(self, real: NDArray[np.uint8], seed: int) -> Iterator[Question]:
        random = np.random.default_rng(seed)
        made = list(mixed_images(real[:_MIXED], random))
        made += self._undecided(real, [image for _, image in made], random)
        pixels = [image.tobytes() for _, image in made]
        found = answered(pixels, self._answers)
        for (name, _), content, answer in zip(made, pixels, found, strict=True):
            if answer is not None:
                yield Question.of(name, self._example(content, {}), answer)

    def _undecided(
        self,
        real: NDArray[np.uint8],
        others: Sequence[NDArray[np.uint8]],
        random: np.random.Generator,
    ) -> Iterator[tuple[str, NDArray[np.uint8]]]:
        """Images next to the threshold of a tag, to where another class is the likeliest, or to
        where a number is another one than any of the data."""
        label = self._declaration.label

        def answers_to(images: NDArray[np.uint8]) -> NDArray[np.float32]:
            found = self._asked(tf.constant([image.tobytes() for image in images])).numpy()
            return np.asarray(found, np.float32).reshape(len(images), -1)

        decisions = decisions_of(label.names, label.tagging, answers_to(real[:_MIXED]))

        def margins(images: NDArray[np.uint8]) -> NDArray[np.float32]:
            return decisions.margins(answers_to(images))

        most = _BLENDS // self._image.nbytes
        found = undecided_images(real, others, margins, random) if most else iter(())
        for decision, image, is_for in itertools.islice(found, most):
            yield decisions.called(decision, is_for), image

    def _images(self, records: Sequence[bytes]) -> NDArray[np.uint8]:
        pixels = self._raw(records)
        found = np.stack([np.frombuffer(each, np.uint8) for each in pixels])
        return found.reshape(-1, *self._image.shape)

    def _raw(self, records: Sequence[bytes]) -> list[bytes]:
        parsed = self._transform.parse_features(tf.constant(list(records)))
        found: list[bytes] = parsed[self._name].numpy().tolist()
        return found

    def _answers(self, pixels: Sequence[bytes]) -> list[Any]:
        transformed = self._transform.transform({self._name: tf.constant(list(pixels))})
        # A number is a row of one.
        found: list[Any] = self._predict(transformed).numpy().reshape(len(pixels), -1).tolist()
        return found

    def _example(self, pixels: bytes, others: Mapping[str, tf.train.Feature]) -> bytes:
        """As a client sends it, who knows no label, and may send what nobody asked for, in no usual
        order."""
        value = tf.train.Feature(bytes_list=tf.train.BytesList(value=[pixels]))
        features = tf.train.Features(feature={**others, self._name: value})
        content: bytes = tf.train.Example(features=features).SerializeToString(deterministic=True)
        return backwards(content) if others else content
