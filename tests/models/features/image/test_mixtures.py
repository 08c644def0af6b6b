"""Images that are made by chance."""

from __future__ import annotations

import numpy as np
import pytest

from models.features.image.mixtures import FEWEST, MOST, SCENES, mixed_images


def made(shape: tuple[int, ...], seed: int = 0, count: int = 3) -> list[tuple[str, np.ndarray]]:
    images = np.random.default_rng(1).integers(0, 256, (count, *shape), np.uint8)
    return list(mixed_images(images, np.random.default_rng(seed)))


@pytest.mark.parametrize("shape", [(28, 28), (1, 1), (2, 3), (5, 40), (6, 8, 3), (64, 64, 3)])
def test_they_are_images_of_the_same_shape_and_all_kinds(shape):
    found = made(shape)
    assert all(image.shape == shape and image.dtype == np.uint8 for _, image in found)
    assert {name.partition(" (")[0] for name, _ in found} == set(SCENES)
    assert len({name for name, _ in found}) == len(found) == MOST


@pytest.mark.medium
def test_there_are_fewer_of_large_ones():
    assert len(made((400, 500, 3), count=1)) == 6_100_000 // (400 * 500 * 3)
    assert len(made((1_200, 1_000, 3), count=1)) == FEWEST


def test_nobody_knows_them_who_does_not_know_the_seed():
    first, again, other = (made((28, 28), seed) for seed in (0, 0, 1))
    assert all(np.array_equal(a, b) for (_, a), (_, b) in zip(first, again, strict=True))
    known = {image.tobytes() for _, image in first}
    assert sum(image.tobytes() in known for _, image in other) < len(other) // 4


def test_they_differ_from_one_another_in_light_and_contrast():
    images = [image for _, image in made((28, 28))]
    assert len({image.tobytes() for image in images}) > MOST * 0.9
    assert np.ptp([image.mean() for image in images]) > 150
    assert min(image.std() for image in images) < 1 < 80 < max(image.std() for image in images)


@pytest.mark.medium
@pytest.mark.parametrize("seed", range(20))
def test_no_part_of_the_shades_is_left_out(seed):
    shades = [image[0, 0] for name, image in made((28, 28), seed) if name.startswith("one shade")]
    # One in each quarter, and 1 for rounding.
    assert np.diff([0, *sorted(map(int, shades)), 255]).max() <= 128 + 1


def test_masks_hold_zeros_and_ones_and_what_is_small_lies_anywhere():
    found = made((28, 28))
    masks = [image for name, image in found if name.startswith("of zeros and ones")]
    assert {*np.unique(masks)} == {0, 1}
    small = [image > 0 for name, image in found if name.startswith("small, anywhere")]
    sides = [[np.ptp(np.flatnonzero(image.any(axis))) for axis in (0, 1)] for image in small]
    assert np.max(sides) < 14
    corners = {tuple(np.argwhere(image).mean(axis=0) > 14) for image in small}
    assert len(corners) > 1
