"""Image files that are made by chance."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from models.features.image.mixed_files import COUNT, mixed_files
from models.features.image.pictures import pixels_of


def made(shape: tuple[int, ...], seed: int) -> dict[str, bytes]:
    images = np.random.default_rng(1).integers(0, 256, (3, *shape), np.uint8)
    return dict(mixed_files(images, np.random.default_rng(seed)))


@pytest.mark.medium
@pytest.mark.parametrize("shape", [(28, 28), (6, 8, 3)])
def test_they_can_be_read_and_are_of_many_kinds(shape):
    found = {name: file for seed in range(3) for name, file in made(shape, seed).items()}
    opened = [Image.open(io.BytesIO(file)) for file in found.values()]
    assert {image.format for image in opened} == {"PNG", "JPEG"}
    assert len({image.mode for image in opened}) >= 8
    assert {image.getexif().get(0x0112) for image in opened if image.format == "JPEG"} == {
        *range(1, 9)
    }
    widths = [image.width for image in opened]
    assert min(widths) < 5 < 200 < max(widths) <= 400


def test_sizes_are_square_too_and_next_to_those_of_the_model():
    for seed in range(3):
        sizes = {Image.open(io.BytesIO(file)).size for file in made((28, 40), seed).values()}
        assert any(width == height >= 32 for width, height in sizes)
        assert any(abs(width - 40) <= 4 and abs(height - 28) <= 4 for width, height in sizes)


@pytest.mark.medium
def test_the_function_that_is_served_takes_them_all():
    files = made((28, 28), seed=0)
    assert len(files) == COUNT
    assert {len(pixels_of(file, 28, 28, 1)) for file in files.values()} == {28 * 28}


def test_a_model_of_the_smallest_images_has_as_many():
    for seed in range(3):
        assert len(made((1, 2), seed)) == COUNT
