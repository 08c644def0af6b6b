"""A tiny TensorFlow Hub module for texts, as one that is downloaded: words in an asset, vectors."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import tensorflow as tf

WORDS = ("very", "good", "ride", "not", "a", "at", "all")
WIDTH = 5


class TextModule(tf.Module):
    """The mean of the vectors of the words, and the one of no word for all others."""

    def __init__(self, words: str) -> None:
        super().__init__()
        self.table = tf.lookup.StaticVocabularyTable(
            tf.lookup.TextFileInitializer(
                words,
                tf.string,
                tf.lookup.TextFileIndex.WHOLE_LINE,
                tf.int64,
                tf.lookup.TextFileIndex.LINE_NUMBER,
            ),
            num_oov_buckets=1,
        )
        drawn = np.random.default_rng(0).normal(size=(len(WORDS) + 1, WIDTH))
        self.vectors = tf.Variable(drawn.astype(np.float32), name="vectors")

    def __call__(self, texts: tf.Tensor, training: bool = False) -> tf.Tensor:
        words = tf.strings.split(texts)
        found = tf.gather(self.vectors, self.table.lookup(words.flat_values))
        total = tf.math.segment_sum(found, words.value_rowids())
        missing = tf.cast(words.nrows(), tf.int32) - tf.shape(total)[0]
        total = tf.pad(total, [[0, missing], [0, 0]])
        count = tf.cast(words.row_lengths(), tf.float32)[:, tf.newaxis]
        return total / tf.maximum(count, 1.0)


def save_text_module(folder: Path) -> Path:
    """Writes the module into `folder`, and returns it."""
    words = folder.with_name(f"{folder.name}-words.txt")
    words.write_text("\n".join(WORDS))
    made = TextModule(str(words))
    call = tf.function(made.__call__, autograph=False)
    for training in (True, False):
        call.get_concrete_function(tf.TensorSpec([None], tf.string, "texts"), training=training)
    # See https://www.tensorflow.org/hub/reusable_saved_models
    module = tf.train.Checkpoint()
    module.__call__ = call
    module.table = made.table
    module.variables = module.trainable_variables = [made.vectors]
    module.regularization_losses = []
    tf.saved_model.save(module, str(folder))
    words.unlink()
    return folder
