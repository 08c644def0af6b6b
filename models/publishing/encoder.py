"""The trained encoder of one feature, taken out of a served version."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from documents.digest import file_digest
from documents.saved_model import VARIABLES
from models.features.image.encoder import untrained
from models.features.image.kind import Image
from models.features.packing import TEXTS, TEXTS_FILE
from models.features.text.kind import Text
from models.features.text.transform import transform
from models.publishing.reusable import Call, save_reusable
from models.publishing.version import Published, PublishError

_VECTORS = f"{TEXTS}vectors"
_SOME_TEXTS = ("A good film, but long.", "Ein Wort", "\N{SNOWMAN}", "")


@dataclass(frozen=True)
class Encoder:
    """A trained encoder that can be saved, and what it says of some inputs."""

    save: Callable[[str], None]
    """Writes it as a reusable SavedModel into a new folder."""
    inputs: NDArray[Any]
    """Some inputs: float32 [N, height, width, channels] in [0, 1], or texts [N]."""
    outputs: NDArray[np.float32]
    """What the version itself makes of them, [N, width]."""
    losses: int
    """How many regularization losses it has."""


def trained_encoder(version: Published, name: str, kind: Image | Text) -> Encoder:
    """The encoder of the feature `name`.

    Raises:
      PublishError: the version holds none, as one of another network does not.
    """
    loaded = tf.saved_model.load(str(version.folder))
    images, modules = version.declaration.images, version.declaration.modules
    if isinstance(kind, Text) and name not in modules:
        return _of_words(loaded, version, name, kind)
    place = [*images, *(other for other in modules if other not in images)].index(name)
    try:
        encoder = loaded.encoder[place]
    except (AttributeError, TypeError, IndexError) as error:
        raise _other_network(version, name) from error
    if callable(encoder):
        return _of_module(encoder, kind)
    return _of_convolutions(version.folder, images[name], place)


def _of_module(module: Any, kind: Image | Text) -> Encoder:
    """A Hub module that was trained on: it is saved as it was loaded, losses and all."""
    inputs: NDArray[Any] = np.array(_SOME_TEXTS, object)
    if isinstance(kind, Image):
        inputs = _images(_input_shape(module))
    return Encoder(
        save=lambda folder: tf.saved_model.save(module, folder),
        inputs=inputs,
        outputs=module(tf.constant(inputs), training=False).numpy(),
        losses=len(getattr(module, "regularization_losses", ())),
    )


def _input_shape(module: Any) -> list[int]:
    """Of an image, [height, width, channels]; what is open is 32."""
    for function in module.__call__.concrete_functions:
        for spec in tf.nest.flatten(function.structured_input_signature):
            if isinstance(spec, tf.TensorSpec) and spec.shape.rank == 4:
                return [size or 32 for size in spec.shape.as_list()[1:]]
    raise TypeError("The module takes no images.")


def _of_convolutions(folder: Path, image: Image, place: int) -> Encoder:
    """A network that began with nothing: its variables in the graph that it was exported with."""
    encoder = untrained(image, seed=0)
    # In a checkpoint the elements of a list are called by their places; the others may be modules.
    encoders = tf.Module()
    setattr(encoders, str(place), encoder)
    read = tf.train.Checkpoint(encoder=encoders).read(str(folder / VARIABLES / VARIABLES))
    read.assert_existing_objects_matched().expect_partial()
    spec = tf.TensorSpec([None, *image.size, image.channels], tf.float32)
    inputs = _images([*image.size, image.channels])

    def call(images: tf.Tensor, training: bool) -> tf.Tensor:
        return encoder(images, training=training)

    return Encoder(
        save=lambda target: save_reusable(target, call, spec, encoder.variables),
        inputs=inputs,
        outputs=_in_a_graph(call, inputs),
        losses=0,
    )


def _of_words(loaded: Any, version: Published, name: str, text: Text) -> Encoder:
    """Words of one text, looked up in the vocabulary of the transform graph, to their vector."""
    vectors = next((v for v in getattr(loaded, "weights", ()) if _VECTORS in v.name), None)
    vocabulary = version.folder / "assets" / TEXTS_FILE
    if vectors is None or not vocabulary.is_file():
        raise _other_network(version, name)
    asset = tf.saved_model.Asset(str(vocabulary))
    table = tf.lookup.StaticVocabularyTable(
        _Words(
            file_digest(vocabulary),
            asset,
            tf.string,
            tf.lookup.TextFileIndex.WHOLE_LINE,
            tf.int64,
            tf.lookup.TextFileIndex.LINE_NUMBER,
        ),
        num_oov_buckets=1,
    )

    def call(texts: tf.Tensor, training: bool) -> tf.Tensor:
        del training
        [words] = transform(text, name, texts).texts.values()
        named = tf.strings.join([f"{name}=", words.values])
        places = tf.SparseTensor(words.indices, table.lookup(named), words.dense_shape)
        found = tf.nn.safe_embedding_lookup_sparse(vectors, places, combiner="sqrtn")
        return tf.reshape(found, [-1, vectors.shape[1]])

    inputs = np.array(_texts(vocabulary, name), object)
    return Encoder(
        save=lambda folder: save_reusable(
            folder, call, tf.TensorSpec([None], tf.string), [vectors], [asset, table]
        ),
        inputs=inputs,
        outputs=_in_a_graph(call, inputs),
        losses=0,
    )


class _Words(tf.lookup.TextFileInitializer):
    """Names its table by its content: otherwise by where an object lies in memory, so that the same
    module would have other bytes each time."""

    def __init__(self, digest: str, *arguments: Any):
        self._digest = digest
        super().__init__(*arguments)

    @property
    def _shared_name(self) -> str:
        return f"hash_table_{self._digest}"


def _in_a_graph(call: Call, inputs: NDArray[Any]) -> NDArray[np.float32]:
    """As a server calls it: operations that are fused in a graph round otherwise than alone."""
    spec = tf.TensorSpec([None, *inputs.shape[1:]], tf.as_dtype(inputs.dtype))
    function = tf.function(
        lambda given: call(given, False), input_signature=[spec], autograph=False
    )
    found: NDArray[np.float32] = function(tf.constant(inputs)).numpy()
    return found


def _images(shape: list[int]) -> NDArray[np.float32]:
    """Noise, and the two images without any."""
    noise = np.random.default_rng(0).random([6, *shape], np.float32)
    return np.concatenate([noise, np.zeros([1, *shape], "f"), np.ones([1, *shape], "f")])


def _texts(vocabulary: Path, name: str) -> list[str]:
    """Some that hold known words, one that holds none, and an empty one."""
    with vocabulary.open(encoding="utf-8") as lines:
        words = [line.strip().partition("=")[2] for _, line in zip(range(200), lines, strict=False)]
    return [*(" ".join(words[place::20]) for place in range(20)), *_SOME_TEXTS]


def _other_network(version: Published, name: str) -> PublishError:
    return PublishError(
        f"Version {version.number} holds no encoder of {name} that can be taken out: its network"
        " is one of an older release or of your own; train one with the network of this release."
    )
