"""The transform graph as a function: training, evaluation and every signature go through it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import tensorflow as tf
import tensorflow_transform as tft

from models.declaration import Declaration
from models.features.packing import NUMBERS, TEXTS, TEXTS_FILE, WORDS, WORDS_FILE

Tensors = dict[str, Any]
"""Tensors and sparse ones by name."""

KNOWN, KNOWN_OF_TEXTS = 1_000, 20_000
"""Words of a column, at most, for whoever asks what the vocabulary knows."""
_VOCABULARIES = {WORDS: WORDS_FILE, TEXTS: TEXTS_FILE}


class TransformGraph:
    """What the Transform node wrote, loaded once."""

    def __init__(self, folder: str, declaration: Declaration, *, is_users: bool = False):
        """Loads `folder`, the uri of a TransformGraph artifact.

        Args:
          is_users: whether `preprocess` of a user made it, which may have tables of its own.
        """
        output = tft.TFTransformOutput(folder)
        self._raw_spec = output.raw_feature_spec()
        self._label = declaration.label.name
        self._features = tuple(declaration.used)
        self._transformed = output.transformed_feature_spec()
        self._words = {
            name: output.vocabulary_size_by_name(file) + 1  # one for what is in none
            for name, file in _VOCABULARIES.items()
            if name in self._transformed
        }
        self._vocabulary = output.vocabulary_by_name
        self.tracked: Any = None
        """What a SavedModel has to track, because the graph looks words up in its tables."""
        self.vocabularies: dict[str, int] = {}
        """How many places the user's own vocabularies have, one for what is in none included."""
        if is_users:
            assets = os.path.join(output.transform_savedmodel_dir, tf.saved_model.ASSETS_DIRECTORY)
            for name in sorted(tf.io.gfile.listdir(assets) if tf.io.gfile.isdir(assets) else ()):
                # Other assets are files of the user's, which a table is filled from.
                if output.vocabulary_file_by_name(name):
                    self.vocabularies[name] = output.vocabulary_size_by_name(name) + 1
        self._known = {
            name: output.vocabulary_by_name(file) if name in self._words else []
            for name, file in _VOCABULARIES.items()
        }
        if self._words or is_users:
            self.tracked = tf.saved_model.load(output.transform_savedmodel_dir)
        else:
            self._layer = output.transform_features_layer()

    @property
    def words(self) -> dict[str, list[bytes]]:
        """What the vocabulary of categories knows, by column; at most KNOWN of each, from the most
        frequent to the rarest."""
        return self._by_column(WORDS, KNOWN)

    @property
    def words_of_texts(self) -> dict[str, list[bytes]]:
        """What the vocabulary of texts knows, words and several in a row; at most KNOWN_OF_TEXTS
        of each column."""
        return self._by_column(TEXTS, KNOWN_OF_TEXTS)

    def _by_column(self, vocabulary: str, most: int) -> dict[str, list[bytes]]:
        found: dict[str, list[bytes]] = {name: [] for name in self._features}
        for entry in self._known[vocabulary]:
            name, equals, word = entry.partition(b"=")
            # A name with an equals sign in it is told apart by nobody.
            if equals and (column := name.decode("utf-8", "replace")) in found:
                found[column].append(word)
        return {name: _spread(words, most) for name, words in found.items() if words}

    @property
    def sizes(self) -> dict[str, int]:
        """How wide what is packed is: rows of NUMBERS, columns of WORDS, and `… size` of each
        vocabulary, with a place for what is not in it."""
        found = {f"{name} size": size for name, size in self._words.items()}
        for name in (NUMBERS, WORDS):
            if name in self._transformed:
                found[name] = self._transformed[name].shape[0]
        return found | {TEXTS: 1} if TEXTS in self._transformed else found

    def entries(self, name: str) -> list[str]:
        """The vocabulary behind WORDS or TEXTS as `column=word`, by their places."""
        found = self._vocabulary(_VOCABULARIES[name])
        return [word.decode("utf-8", "replace") for word in found]

    @property
    def specs(self) -> dict[str, tf.TypeSpec]:
        """Of what `transform` gives, by name."""
        return {
            name: tf.SparseTensorSpec([None, None], spec.dtype)
            if isinstance(spec, tf.io.VarLenFeature)
            else tf.TensorSpec([None, *spec.shape], spec.dtype, name)
            for name, spec in self._transformed.items()
            if name != self._label
        }

    @property
    def raw_specs(self) -> dict[str, tf.TypeSpec]:
        """Of what `transform` takes, by name: sparse where a value may be missing."""
        return {
            name: tf.SparseTensorSpec([None, None], spec.dtype)
            if isinstance(spec, tf.io.VarLenFeature)
            else tf.TensorSpec([None], spec.dtype, name)
            for name, spec in self._features_spec().items()
        }

    def transform(self, raw: Mapping[str, Any]) -> Tensors:
        """Features as examples hold them, without the label, to what the network takes."""
        if self.tracked is None:
            found: Tensors = self._layer(dict(raw))
            return found
        some = next(iter(raw.values()))
        sparse = isinstance(some, tf.SparseTensor)
        count = tf.cast(some.dense_shape[0] if sparse else tf.shape(some)[0], tf.int64)
        transformed = self.tracked.transform_fn({**raw, self._label: self._no_label(count)})
        return {name: transformed[name] for name in self.specs}

    def parse(self, examples: tf.Tensor) -> tuple[Tensors, tf.Tensor]:
        """string [N] of serialized tf.Examples to what the network takes, and the labels [N]."""
        raw = tf.io.parse_example(examples, self._raw_spec)
        transformed = dict(
            self._layer(raw) if self.tracked is None else self.tracked.transform_fn(raw)
        )
        label = transformed.pop(self._label)
        return transformed, label

    def parse_features(self, examples: tf.Tensor) -> Tensors:
        """string [N] of serialized tf.Examples, labelled or not, to their features."""
        parsed: Tensors = tf.io.parse_example(examples, self._features_spec())
        return parsed

    def raw(self, columns: Mapping[str, tf.Tensor]) -> Tensors:
        """Columns [N] with NaN or an empty text where one is missing, as examples hold them."""
        specs = self.raw_specs
        places = _places(next(iter(columns.values())))
        return {
            name: tf.SparseTensor(places[0], values, places[1])
            if isinstance(specs[name], tf.SparseTensorSpec)
            else values
            for name, values in columns.items()
        }

    def _features_spec(self) -> dict[str, Any]:
        return {name: self._raw_spec[name] for name in self._features}

    def _no_label(self, count: tf.Tensor) -> tf.Tensor | tf.SparseTensor:
        spec = self._raw_spec[self._label]
        if isinstance(spec, tf.io.VarLenFeature):
            shape = tf.stack([count, tf.constant(0, tf.int64)])
            return tf.SparseTensor(tf.zeros([0, 2], tf.int64), tf.zeros([0], spec.dtype), shape)
        return tf.zeros(tf.reshape(count, [1]), spec.dtype)


def _spread(words: list[bytes], most: int) -> list[bytes]:
    """At most so many of them, the first and the last among them."""
    step = max(1, -(-len(words) // most))
    return [*words[:-1:step], words[-1]]


def _places(column: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Indices and shape of a sparse column [N, 1] with a value in each row, for all columns: one
    that is missing is told by what stands there, as `one` in features/parts.py tells it. To look
    for them column by column was an eighth of what a request for 16 columns cost."""
    count = tf.shape(column, tf.int64)[0]
    rows = tf.range(count)
    indices = tf.stack([rows, tf.zeros_like(rows)], axis=1)
    return indices, tf.stack([count, tf.constant(1, tf.int64)])
