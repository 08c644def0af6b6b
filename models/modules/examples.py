"""Examples of images as the module's own tools read them, without a transform graph."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import tensorflow as tf

from documents.features import Features
from documents.reader import read
from models.declaration import Declaration
from models.description import declared
from models.features.image.kind import Image
from models.features.image.transform import scaled
from models.training.inputs import InputsError, Parse


def declaration_beside(shards: Sequence[str]) -> tuple[str, Image, Declaration]:
    """The image among the features of an Examples artifact, its name, and all of them.

    Raises:
      InputsError: there is no `features.json` beside the splits, or other features are in it.
    """
    path = Path(shards[0]).parent.parent / Features.FILE
    document = read(Features, str(path))
    found = document and declared(document).only_image
    if not (document and found):
        raise InputsError(f"{path} describes no examples of images: name shards of ExampleGen.")
    return (*found, declared(document))


def parser(name: str, image: Image, label: str) -> Parse:
    """string [N] of serialized tf.Examples to images [N, h, w, c] by name, and labels int64 [N]."""
    spec = {
        name: tf.io.FixedLenFeature([], tf.string),
        label: tf.io.FixedLenFeature([], tf.int64),
    }

    def parse(examples: tf.Tensor) -> tuple[dict[str, tf.Tensor], tf.Tensor]:
        parsed = tf.io.parse_example(examples, spec)
        return {name: scaled(image, parsed[name])}, parsed[label]

    return parse
