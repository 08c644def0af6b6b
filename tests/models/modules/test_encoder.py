from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
import tensorflow_hub as hub

from models.modules.encoder import Encoder

IMAGES = tf.random.stateless_uniform([16, 28, 28, 1], (0, 0))


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("encoder")
    Encoder(seed=0).save(str(folder), (28, 28))
    return folder


def test_gives_a_vector_for_each_image() -> None:
    assert Encoder(seed=0)(IMAGES).shape == (16, 128)


def test_the_seed_decides_its_weights() -> None:
    first, same, other = (Encoder(seed=seed)(IMAGES) for seed in (1, 1, 2))
    assert np.array_equal(first, same)
    assert not np.array_equal(first, other)


@pytest.mark.medium
def test_batch_normalization_follows_the_images_it_is_trained_on() -> None:
    encoder = Encoder(seed=0)
    before = encoder(IMAGES)
    trained = encoder(IMAGES, training=True)
    for _ in range(60):
        encoder(IMAGES, training=True)
    assert not np.allclose(before, trained, atol=1e-2)
    # By now the moving statistics are those of this batch, but for the unbiased variance.
    np.testing.assert_allclose(encoder(IMAGES), trained, rtol=0.05, atol=0.02)


@pytest.mark.medium
def test_is_a_module_that_can_be_trained(saved: Path) -> None:
    layer = hub.KerasLayer(str(saved), trainable=True)
    names = {variable.name.partition("/")[2] for variable in layer.trainable_variables}
    assert names == {"kernel:0", "gamma:0", "beta:0"}
    before = layer(IMAGES)
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(layer(IMAGES, training=True) ** 2)
    gradients = tape.gradient(loss, layer.trainable_variables)
    assert len(gradients) == 21
    assert all(gradient is not None for gradient in gradients)
    assert not np.array_equal(layer(IMAGES), before), "moving statistics moved"


@pytest.mark.medium
def test_says_the_same_when_loaded(saved: Path) -> None:
    loaded = hub.KerasLayer(str(saved))
    np.testing.assert_allclose(loaded(IMAGES), Encoder(seed=0)(IMAGES), rtol=1e-5, atol=1e-6)
