from __future__ import annotations

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from models.training.augmentation import MAX_SHIFT, flip_and_shift

RANDOM = np.random.default_rng(0)
IMAGES = RANDOM.random((200, 28, 28, 1), np.float32)


def changed(seed: int = 0) -> NDArray[np.float32]:
    return flip_and_shift(tf.constant(IMAGES), tf.constant([seed, 7])).numpy()


def possible(image: NDArray[np.float32]) -> list[tuple[bool, int, int, NDArray[np.float32]]]:
    margin = (MAX_SHIFT, MAX_SHIFT)
    shifts = range(2 * MAX_SHIFT + 1)
    return [
        (mirrored, row, column, padded[row : row + 28, column : column + 28])
        for mirrored in (False, True)
        for padded in [np.pad(image[:, ::-1] if mirrored else image, (margin, margin, (0, 0)))]
        for row in shifts
        for column in shifts
    ]


def test_every_image_is_mirrored_or_not_and_shifted() -> None:
    used = [
        [way[:3] for way in possible(before) if np.array_equal(way[3], after)]
        for before, after in zip(IMAGES, changed(), strict=True)
    ]
    assert all(len(ways) == 1 for ways in used)
    assert len({ways[0] for ways in used}) == len(possible(IMAGES[0])), "every way is used"
    assert 70 < sum(ways[0][0] for ways in used) < 130, "about half are mirrored"


def test_the_seed_decides() -> None:
    assert np.array_equal(changed(1), changed(1))
    assert not np.array_equal(changed(1), changed(2))


def test_keeps_the_shape_that_the_graph_knows() -> None:
    traced = tf.function(flip_and_shift, autograph=False).get_concrete_function(
        tf.TensorSpec([None, 28, 28, 1], tf.float32), tf.TensorSpec([2], tf.int32)
    )
    assert traced.output_shapes.as_list() == [None, 28, 28, 1]
