from __future__ import annotations

from pathlib import Path

import pytest
import tensorflow as tf
import tensorflow_hub as hub

from models.hub.module import REPOSITORY, resolve

HANDLE = "models/modules/fashion_mnist_encoder"


def test_the_model_card_names_its_digest() -> None:
    card = (REPOSITORY / "models" / "modules" / "MODEL_CARD.md").read_text()
    assert resolve(HANDLE).sha256 in card


def test_is_at_most_a_megabyte() -> None:
    files = [path for path in Path(resolve(HANDLE).path).rglob("*") if path.is_file()]
    assert sum(file.stat().st_size for file in files) <= 1_000_000


@pytest.mark.medium
def test_encodes_images() -> None:
    layer = hub.KerasLayer(str(resolve(HANDLE).path), trainable=True)
    assert layer(tf.zeros([2, 28, 28, 1])).shape == (2, 128)
    assert sum(int(tf.size(variable)) for variable in layer.trainable_variables) == 146_000
