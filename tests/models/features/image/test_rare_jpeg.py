"""JPEG files of blocks hold what they were made of, whatever their sampling."""

from __future__ import annotations

import io
import itertools

import numpy as np
import pytest
from PIL import Image

from models.features.image.rare_jpeg import FULL, rare_jpeg

SAMPLINGS = {
    "4:4:4": (FULL, FULL, FULL),
    "4:2:2": ((2, 1), FULL, FULL),
    "4:4:0": ((1, 2), FULL, FULL),
    "4:2:0": ((2, 2), FULL, FULL),
    "4:1:1": ((4, 1), FULL, FULL),
    "each otherwise": ((2, 2), (2, 1), (1, 2)),
}
SIZES = [(28, 28), (40, 23), (5, 3)]


def blocks(height: int, width: int, down: int, across: int) -> np.ndarray:
    """One part of the colour, that of a block for so many pixels each way."""
    shape = -(-height // down), -(-width // across)
    shades = np.random.default_rng(height).integers(0, 256, shape, np.uint8)
    return np.kron(shades, np.ones((down, across), np.uint8))[:height, :width]


@pytest.mark.parametrize(
    ("sampling", "size", "one_by_one"), itertools.product(SAMPLINGS, SIZES, (False, True))
)
def test_brightness_comes_back_to_the_last_bit(
    sampling: str, size: tuple[int, int], one_by_one: bool
) -> None:
    light = blocks(*size, 8, 8)
    # Of colours that are the same everywhere nothing is lost, however they are sampled.
    parts = np.dstack([light, np.full_like(light, 90), np.full_like(light, 170)])
    file = rare_jpeg(parts, SAMPLINGS[sampling], one_by_one=one_by_one)
    with Image.open(io.BytesIO(file)) as picture:
        picture.draft("YCbCr", picture.size)
        found = np.asarray(picture)
    np.testing.assert_array_equal(found, parts)


def test_colours_of_a_quarter_are_those_of_the_middle_of_four_blocks() -> None:
    light = blocks(8, 64, 8, 8)
    tint = blocks(8, 64, 8, 32)
    file = rare_jpeg(np.dstack([light, tint, tint]), SAMPLINGS["4:1:1"])
    with Image.open(io.BytesIO(file)) as picture:
        picture.draft("YCbCr", picture.size)
        found = np.asarray(picture)
    np.testing.assert_array_equal(found[:, 8:24, 1], tint[:, 8:24])
