"""Files as large as photos and screens, one of each kind."""

from __future__ import annotations

import functools
import io

import numpy as np
import pytest
from PIL import Image

from models.features.image.large_files import large_files
from models.features.image.pictures import pixels_if_any

_random = np.random.default_rng(0)
COLOUR = Image.fromarray(_random.integers(0, 256, (12, 10, 3), np.uint8))


@functools.cache
def files() -> dict[str, bytes]:
    """They take half a second, which whoever only collects this file does without."""
    return dict(large_files(COLOUR.convert("L"), COLOUR))


def opened() -> dict[str, Image.Image]:
    return {name: Image.open(io.BytesIO(file)) for name, file in files().items()}


@pytest.mark.medium
def test_every_mode_is_there_and_each_is_large() -> None:
    pictures = opened().values()
    modes = {(picture.format, picture.mode) for picture in pictures}
    assert {("PNG", mode) for mode in ("1", "L", "LA", "P", "RGB", "RGBA")} <= modes
    assert {("PNG", "I;16"), ("PNG", "I")} & modes
    assert {("JPEG", mode) for mode in ("L", "RGB", "CMYK")} <= modes
    assert all(picture.width * picture.height >= 100_000 for picture in pictures)
    assert {picture.info.get("interlace", 0) for picture in pictures} == {0, 1}
    assert any(picture.info.get("progressive") for picture in pictures)


@pytest.mark.medium
def test_names_tell_their_sizes() -> None:
    assert len(files()) == len([*large_files(COLOUR.convert("L"), COLOUR)])
    for name, picture in opened().items():
        assert f"{picture.width} × {picture.height}" in name


@pytest.mark.medium
def test_a_photo_as_telephones_write_it_is_turned() -> None:
    name = "JPEG, 1200 × 900, turned by Exif"
    assert files()[name].startswith(b"\xff\xd8\xff\xe1")
    lying = pixels_if_any(files()[name], 12, 10, 3)
    exif = files()[name].index(b"Exif")
    assert lying not in (None, pixels_if_any(files()[name].replace(b"Exif", b"None"), 12, 10, 3))
    assert exif < 20


@pytest.mark.medium
def test_what_takes_room_takes_no_more_than_a_photo() -> None:
    assert sum(map(len, files().values())) < 3_000_000
