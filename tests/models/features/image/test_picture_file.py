"""Pictures as files."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from models.features.image.picture_file import ORIENTATION, resized, saved


@pytest.mark.parametrize("kind", ["png", "bmp", "tiff"])
def test_a_file_holds_the_picture(kind: str) -> None:
    pixels = np.arange(60, dtype=np.uint8).reshape(4, 5, 3)
    read = Image.open(io.BytesIO(saved(Image.fromarray(pixels), kind)))
    assert read.format == kind.upper()
    assert np.array_equal(np.asarray(read), pixels)


def test_options_of_the_format_are_passed_on() -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    read = Image.open(io.BytesIO(saved(Image.new("RGB", (9, 3)), "jpeg", exif=exif)))
    assert read.getexif()[ORIENTATION] == 6


def test_another_size_is_width_and_height() -> None:
    assert resized(Image.new("L", (2, 3)), 8, 5).size == (8, 5)
