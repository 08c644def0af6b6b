"""Held against the function that is exported: what is shown is what the model sees."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from serving.pages.letterbox import fitted, is_light, letterboxed, seen
from tests.picture_files import encoded, kinds, photo, turned

KINDS = list(kinds())


def model_sees(content: bytes, size: tuple[int, int, int] = (28, 28, 1)) -> np.ndarray:
    from models.features.image.pictures import pixels_of

    shape = size if size[2] == 3 else size[:2]
    return np.frombuffer(pixels_of(content, *size), np.uint8).reshape(shape).astype(int)


def assert_same(content: bytes) -> None:
    np.testing.assert_allclose(seen(content, "it", 28, 28), model_sees(content), atol=2)


@pytest.mark.medium
@pytest.mark.parametrize("kind", KINDS, ids=[kind.name for kind in KINDS])
def test_every_kind_of_png(kind):
    assert_same(kind.content)


@pytest.mark.medium
@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"quality": 30}])
def test_every_kind_of_jpeg(mode, options):
    assert_same(encoded(photo(320, 200).convert(mode), "JPEG", **options))


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
@pytest.mark.parametrize("orientation", range(10))
def test_every_orientation(kind, orientation):
    assert_same(turned(photo(), orientation, kind))


@pytest.mark.parametrize("size", [(1, 1), (20_000, 1), (1, 3_000), (29, 3), (640, 427), (56, 11)])
def test_every_shape(size):
    assert_same(encoded(photo(*size)))


@given(st.integers(1, 120), st.integers(1, 120))
@settings(max_examples=20, deadline=None)
def test_any_size(width, height):
    assert_same(encoded(photo(width, height)))


def test_an_image_of_that_size_stays_bit_for_bit():
    grey = np.random.default_rng(0).integers(0, 256, (28, 28), np.uint8)
    np.testing.assert_array_equal(seen(encoded(Image.fromarray(grey)), "it", 28, 28), grey)


def test_other_sizes_of_model():
    assert fitted(encoded(photo(30, 60)), "it", 32, 48).shape == (32, 16)
    assert seen(encoded(photo(30, 60)), "it", 32, 48).shape == (32, 48)


def test_what_is_left_free_is_black():
    found = letterboxed(np.full((3, 7), 9, np.uint8), 6, 7)
    assert found.tolist() == [[0] * 7] + [[9] * 7] * 3 + [[0] * 7] * 2


@pytest.mark.parametrize(
    ("corners", "light"), [((255, 255, 200, 0), True), ((255, 255, 0, 0), False)]
)
def test_light_corners(corners, light):
    pixels = np.full((5, 5), 100, np.uint8)
    pixels[[0, 0, -1, -1], [0, -1, 0, -1]] = corners
    assert is_light(pixels) == light
    assert is_light(np.full((1, 1), 255, np.uint8))


@pytest.mark.medium
@pytest.mark.parametrize("size", [(20, 24, 3), (28, 28, 3), (24, 20, 1), (1, 9, 3)], ids=str)
@pytest.mark.parametrize("orientation", [1, 6])
def test_every_size_in_grey_and_colour(size, orientation):
    content = turned(photo(320, 200), orientation, "PNG")
    found = seen(content, "it", *size)
    assert found.shape == (size if size[2] == 3 else size[:2])
    np.testing.assert_allclose(found, model_sees(content, size), atol=2)
