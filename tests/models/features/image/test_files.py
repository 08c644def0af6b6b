"""Image files in every encoding: they are what their names say, and readers agree on them."""

from __future__ import annotations

import functools
import io

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from documents.pictures.size import LARGEST_PICTURE
from models.features.image.edges import edge_images
from models.features.image.files import image_files
from models.features.image.pictures import pixels_if_any

IMAGES = np.random.default_rng(0).integers(0, 256, (4, 28, 28), np.uint8)


@functools.cache
def files() -> dict[str, bytes]:
    """They take half a second, which whoever only collects this file does without."""
    return dict(image_files(IMAGES))


@pytest.mark.medium
@pytest.mark.parametrize(
    ("name", "mode"),
    [
        ("PNG, grey", "L"),
        ("PNG, colour", "RGB"),
        ("PNG, colour and alpha", "RGBA"),
        ("PNG, grey and alpha", "LA"),
        ("PNG, palette", "P"),
        ("PNG, two colours", "1"),
        ("PNG, 16 bit", "I;16"),
        ("PNG, grey of 2 bits", "L"),
        ("PNG, grey of 4 bits", "L"),
        ("PNG, palette of sixteen", "P"),
        ("PNG, interlaced, colour and alpha", "RGBA"),
        ("PNG, interlaced, palette", "P"),
        ("PNG, interlaced, grey and alpha", "LA"),
        ("PNG, interlaced, 16 bit", "I;16"),
        ("PNG, interlaced, two colours", "1"),
        ("JPEG, four inks", "CMYK"),
    ],
)
def test_files_are_what_their_names_say(name, mode):
    found = Image.open(io.BytesIO(files()[name]))
    found.load()
    assert found.mode == mode or (found.mode, mode) == ("I", "I;16")


@pytest.mark.medium
@pytest.mark.parametrize(
    ("name", "channels", "pixels"),
    [
        ("PNG, interlaced", 1, IMAGES[0][..., None]),
        ("PNG, interlaced, colour", 3, np.stack(list(IMAGES[1:4]), -1)),
    ],
)
def test_interlaced_files_hold_their_pixels(name, channels, pixels):
    assert files()[name][28] == 1, "the interlace method in the header"
    found = tf.io.decode_png(files()[name], channels=channels).numpy()
    np.testing.assert_array_equal(found, pixels)


@pytest.mark.medium
def test_one_has_more_pixels_than_a_model_takes_and_few_bytes():
    file = files()["PNG, of too many pixels"]
    with Image.open(io.BytesIO(file)) as picture:
        assert picture.size[0] * picture.size[1] > LARGEST_PICTURE
    assert len(file) < 20_000
    assert pixels_if_any(file, 28, 28, 1) is None


def test_a_palette_is_that_of_the_file_that_is_not_interlaced():
    assert files()["PNG, interlaced, palette"][28] == 1
    found = (files()[name] for name in ("PNG, interlaced, palette", "PNG, palette"))
    one, other = (np.asarray(Image.open(io.BytesIO(file)).convert("RGB")) for file in found)
    np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize(
    ("name", "shades"),
    [("PNG, 16 bit, with a transparent shade", 2), ("PNG, palette, half transparent", 30)],
)
def test_transparency_is_what_their_names_say(name, shades):
    alpha = tf.io.decode_png(files()[name], channels=4).numpy()[..., 3]
    assert np.unique(alpha).size >= shades


def test_16_bits_have_the_image_in_their_upper_8():
    found = tf.io.decode_png(files()["PNG, 16 bit"], channels=1, dtype=tf.uint16).numpy()
    np.testing.assert_array_equal(found[..., 0] >> 8, IMAGES[0])


@pytest.mark.medium
def test_names_are_unique_and_sizes_are_all_there():
    names = [name for name, _ in image_files(IMAGES)]
    assert len(names) == len(set(names)) >= 40
    sizes = {Image.open(io.BytesIO(file)).size for name, file in files().items() if "×" in name}
    assert {(1, 1), (1, 50), (50, 1), (84, 28), (28, 84), (1280, 800), (1500, 2000)} <= sizes


@pytest.mark.parametrize(
    ("kind", "sides"),
    [("PNG", {32, 64, 100, 128, 224, 256, 512}), ("JPEG", {32, 64, 128, 224, 512})],
)
def test_squares_and_screens_are_as_large_as_usual(kind, sides):
    sized = (file for name, file in files().items() if name.startswith(kind) and "×" in name)
    sizes = [Image.open(io.BytesIO(file)).size for file in sized]
    assert sides <= {wide for wide, high in sizes if wide == high}
    for long, short in ((4, 3), (3, 2), (16, 9)):
        assert any(wide * short == high * long for wide, high in sizes)


def test_edges_are_of_the_image_s_shape_and_all_different():
    found = dict(edge_images(IMAGES[0]))
    assert {(image.shape, image.dtype) for image in found.values()} == {
        ((28, 28), np.dtype(np.uint8))
    }
    assert len({image.tobytes() for image in found.values()}) == len(found)
    assert found["all full"].min() == 255
    assert (found["inverted"] == 255 - IMAGES[0]).all()
    shades = sorted(int(image[0, 0]) for image in found.values() if np.ptp(image) == 0)
    assert max(np.diff(shades)) <= 16


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_some_have_as_many_bytes_as_a_photo(kind):
    assert max(len(file) for name, file in files().items() if name.startswith(kind)) > 180_000
    assert max(map(len, files().values())) < 1_000_000


@pytest.mark.parametrize("bits", [2, 4])
def test_few_bits_are_the_highest_of_each_pixel(bits):
    found = np.asarray(Image.open(io.BytesIO(files()[f"PNG, grey of {bits} bits"])))
    shades = (1 << bits) - 1
    np.testing.assert_array_equal(found, (IMAGES[0] >> (8 - bits)) * (255 // shades))


def test_exif_is_written_either_way_round_and_in_png_files():
    lesser = files()["JPEG, turned by Exif of lesser bytes first"]
    assert b"Exif\0\0II" in lesser
    assert b"Exif\0\0MM" in files()["JPEG, turned by Exif"]
    assert b"eXIfMM" in files()["PNG, turned by Exif"]
    assert Image.open(io.BytesIO(lesser)).getexif()[0x0112] == 6
