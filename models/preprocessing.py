"""The preprocessing that TensorFlow Transform turns into the graph of training and of serving."""

from __future__ import annotations

import functools
import operator
from collections.abc import Mapping
from typing import Any

import tensorflow as tf

from models import user_preprocess
from models.declaration import Declaration
from models.features.kind import FeatureKind
from models.features.packing import NUMBERS, TEXTS, WORDS, pack_numbers, pack_texts, pack_words
from models.features.parts import Parts, in_columns
from models.features.transforms import TRANSFORMS
from models.labels.transforms import transform as transform_label
from models.user_code import NETWORK, PREPROCESS, functions_of


def preprocessing_fn(
    inputs: Mapping[str, tf.Tensor], custom_config: Mapping[str, Any]
) -> dict[str, tf.Tensor]:
    """Turns raw features into what the network takes.

    Args:
      inputs: features and label by name, as the schema has them.
      custom_config: the node's; `declaration` holds a models.declaration.Declaration as JSON, and
        `code` the user's functions, see models.user_code.UserFunction.

    Returns:
      What the user's `preprocess` makes, where there is one and a `network` that takes it; else
      images, and texts for a module, by name; the other features packed under NUMBERS, WORDS and
      TEXTS, where there are any. And the label, of tags a one or a zero for each.

    The graph raises InvalidArgumentError where a value is none of its kind.
    """
    declaration = Declaration.model_validate_json(custom_config["declaration"])
    kinds, label = declaration.used, declaration.label.name
    features = in_columns({name: inputs[name] for name in kinds})
    functions = functions_of(custom_config)
    if PREPROCESS in functions:
        made = user_preprocess.apply(functions[PREPROCESS], declaration, features)
        if NETWORK in functions:
            return {**made, label: transform_label(declaration.label, inputs[label])}
        parts = user_preprocess.parts_of(functions[PREPROCESS], declaration, made)
    else:
        found = (TRANSFORMS[kind.kind](kind, name, features[name]) for name, kind in kinds.items())
        parts = functools.reduce(operator.or_, found, Parts())
    packed = parts.images | parts.strings
    if parts.numbers:
        packed[NUMBERS] = pack_numbers(parts.numbers)
    if parts.words:
        packed[WORDS] = pack_words(parts.words, _most(kinds, "category", len(parts.words)))
    if parts.texts:
        packed[TEXTS] = pack_texts(parts.texts, _most(kinds, "text", 0))
    return {**packed, label: transform_label(declaration.label, inputs[label])}


def _most(kinds: Mapping[str, FeatureKind], kind: str, columns: int) -> int:
    """How many words are told apart at most; those of dates are few."""
    wanted = sum(getattr(found, "vocabulary", 0) for found in kinds.values() if found.kind == kind)
    return wanted + 100 * columns
