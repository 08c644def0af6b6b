"""The preprocessing that TensorFlow Transform turns into the graph of training and of serving."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import tensorflow as tf

from models.declaration import Declaration
from models.features.image.kind import Image
from models.features.image.transform import transform


def preprocessing_fn(
    inputs: Mapping[str, tf.Tensor], custom_config: Mapping[str, Any]
) -> dict[str, tf.Tensor]:
    """Turns raw features into what the network takes.

    Args:
      inputs: features and label by name, as the schema has them.
      custom_config: the node's; `declaration` holds a models.declaration.Declaration as JSON.

    Returns:
      Each feature as its kind transforms it, and the label as it came.

    The graph raises InvalidArgumentError where a value is none of its kind.
    """
    declaration = Declaration.model_validate_json(custom_config["declaration"])
    label = declaration.label.name
    transformed = {
        name: transform(kind, inputs[name])
        for name, kind in declaration.used.items()
        if isinstance(kind, Image)
    }
    return {**transformed, label: tf.identity(inputs[label])}
