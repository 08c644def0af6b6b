from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from models.preprocessing import preprocessing_fn
from tests.fashion_mnist import DECLARATION


def preprocess(images: list[bytes]) -> dict[str, tf.Tensor]:
    labels = tf.zeros([len(images)], tf.int64)
    return preprocessing_fn(
        {"image": tf.constant(images, tf.string, [len(images)]), "label": labels},
        {"declaration": DECLARATION.model_dump_json()},
    )


def test_scales_pixels_to_one_and_keeps_their_places() -> None:
    pixels = np.arange(784, dtype=np.uint8).reshape(28, 28)
    image = preprocess([bytes(784), pixels.tobytes()])["image"].numpy()
    assert image.dtype == np.float32
    assert image.shape == (2, 28, 28, 1)
    assert not image[0].any()
    np.testing.assert_allclose(image[1, :, :, 0], pixels / 255, rtol=1e-6)


def test_pixels_never_leave_the_unit_interval() -> None:
    image = preprocess([b"\xff" * 784])["image"].numpy()
    assert (image == 1).all()


def test_takes_an_empty_batch() -> None:
    assert preprocess([])["image"].shape == (0, 28, 28, 1)


@pytest.mark.parametrize(
    "images",
    [
        pytest.param([bytes(783)], id="short"),
        pytest.param([bytes(785)], id="long"),
        pytest.param([b""], id="empty"),
        pytest.param([bytes(392), bytes(392)], id="two halves"),
        pytest.param([bytes(784), bytes(784 * 2)], id="unequal"),
    ],
)
def test_refuses_images_of_another_size(images: list[bytes]) -> None:
    with pytest.raises(tf.errors.InvalidArgumentError):
        preprocess(images)
