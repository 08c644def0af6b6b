"""The file of code that `init --code` writes: the default network spelled out, ready to be edited.

It is put together from the parts that the declared features need, so that all of it runs.
"""

from __future__ import annotations

from models.declaration import Declaration

FILE = "mine.py"

_HEAD = '''\
"""Code of your own for {name}: it takes the place of what the pipeline does by itself.

Define any of four functions: examples(path), preprocess(features), network(features, outputs),
search(space).
After an edit run the same command again: only the steps that the edited function reaches run anew.
See docs/your_model.md.
"""

import tensorflow as tf
import tf_keras
from tf_keras import layers

# Models are of Keras 2: `import tf_keras`, not `import keras`.


# def examples(path):
#     """Yields a dict of cells by column for each row; needs `format: code` below `data`."""
#     with open(path) as file:
#         for line in file:
#             yield {{{cells}}}


# def preprocess(features):
#     """Makes features of features, before training and in the served model alike.
#
#     features: a dict of tensors with a row for each example: numbers float32 (NaN where one is
#     missing), categories, dates and texts string ("" where one is missing), images float32
#     [N, height, width, channels] in [0, 1]. tensorflow_transform may be used.
#     What it returns is what `network` below gets, in place of what is listed there. Without a
#     `network` it is prepared as columns are: what is new is a number or a category, [N].
#     """
#     features = dict(features)
#     # features["per_mile"] = features["fare"] / features["miles"]
#     return features


def network(features, outputs):
    """The network that the pipeline makes by itself, spelled out.

    features: Keras inputs by name, which are here
{inputs}
    outputs: how many numbers are to be given for each example: {outputs}.
    Returns logits: the last layer has no activation. A tf_keras.Model will do, too.
    """
'''

_NUMBERS = """\
    # Each number in 32 bins: how much of each lies below it.
    numbers = features["numbers_"]
    vectors.append(numbers)
    wide.append(layers.Dense(outputs, use_bias=False, kernel_initializer="zeros")(numbers))
"""
_WORDS = """\
    # Categories, and parts of dates, by their place in one vocabulary.
    words, size = features["words_"], features.sizes["words_"]
    vectors.append(layers.Flatten()(layers.Embedding(size, 16)(words)))
    straight = layers.Embedding(size, outputs, embeddings_initializer="zeros")(words)
    wide.append(tf.reduce_sum(straight, axis=1))
"""
_TEXTS = """\
    # Words, and those that stand together, by their place in another vocabulary.
    texts, size = features["texts_"], features.sizes["texts_"]
    vectors.append(Words(size, 16)(texts))
    wide.append(Words(size, outputs, "zeros")(texts))
"""
_IMAGE = """\
    vectors.append(encoded(features[{name!r}]))
"""
_HUB = """\
    # With a TensorFlow Hub module instead:
    # import tensorflow_hub as hub
    # vectors.append(hub.KerasLayer("path/of/the/module", trainable=True)(features[{name!r}]))
"""
_DEEP = """\
    hidden = layers.concatenate(vectors) if len(vectors) > 1 else vectors[0]
    for units in (128, 128):
        hidden = layers.Dropout(0.1)(layers.Dense(units, "relu")(hidden))
    logits = layers.Dense(outputs)(hidden)
    return layers.add([logits, *wide])
"""
_DEEP_IMAGES = """\
    hidden = layers.concatenate(vectors) if len(vectors) > 1 else vectors[0]
    for units in (128, 128):
        hidden = layers.Dropout(0.1)(layers.Dense(units, "relu")(hidden))
    return layers.Dense(outputs)(hidden)
"""
_ALONE = """\
    return layers.Dense(outputs)(vectors[0])
"""
_ENCODED = '''

def encoded(images):
    """A vector of an image, by convolutions."""
    x = (images - 0.5) * 4
    for stage, widths in enumerate(((16, 16), (32, 32), (64, 64), (128,))):
        if stage and min(x.shape[1:3]) > 1:
            x = layers.MaxPooling2D()(x)
        for width in widths:
            x = layers.Conv2D(width, 3, padding="same", use_bias=False)(x)
            x = layers.ReLU()(layers.BatchNormalization(momentum=0.9)(x))
    return layers.GlobalAveragePooling2D()(x)
'''
_WORDS_LAYER = '''

class Words(layers.Layer):
    """The vectors of all words of a text, added up."""

    def __init__(self, size, width, initializer="uniform"):
        super().__init__()
        self.table = self.add_weight("table", [size, width], initializer=initializer)

    def call(self, texts):
        return tf.nn.safe_embedding_lookup_sparse(self.table, texts, combiner="sqrtn")
'''


def code_text(name: str, declaration: Declaration) -> str:
    """The file for a data set."""
    kinds = {column: kind.kind for column, kind in declaration.used.items()}
    images = [column for column, kind in kinds.items() if kind == "image"]
    has_numbers = any(kind in ("number", "date", "time") for kind in kinds.values())
    has_words = any(kind in ("category", "date", "time") for kind in kinds.values())
    has_texts = "text" in kinds.values()
    is_table = has_numbers or has_words or has_texts
    inputs = [f"      {column!r}: float32 [N, height, width, channels]" for column in images]
    inputs += ['      "numbers_": float32 [N, 32 x numbers]'] * has_numbers
    inputs += [
        '      "words_": int64 [N, words], places below features.sizes["words_"]'
    ] * has_words
    inputs += ['      "texts_": int64 [N, any] sparse, places below features.sizes["texts_"]'] * (
        has_texts
    )
    label = declaration.label
    width = len(label.names) if label.names else 1
    shown = [*[*kinds][:2], label.name]
    parts = [
        _HEAD.format(
            name=name,
            cells=", ".join(f"{column!r}: …" for column in shown),
            inputs="\n".join(inputs),
            outputs=width,
        ),
        "    vectors, wide = [], []\n" if is_table else "    vectors = []\n",
        *(_IMAGE.format(name=column) for column in images),
        _HUB.format(name=images[0]) if images else "",
        _NUMBERS * has_numbers,
        _WORDS * has_words,
        _TEXTS * has_texts,
        _DEEP if is_table else _DEEP_IMAGES if declaration.only_image is None else _ALONE,
        _ENCODED * bool(images),
        _WORDS_LAYER * has_texts,
    ]
    return "".join(parts)
