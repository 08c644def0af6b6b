from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from models.features.image.pictures import decoder
from tests.picture_files import encoded, kinds, large, photo, png, turned

decode_images = decoder(28, 28, 1)
KINDS = list(kinds())
GREY = np.random.default_rng(0).integers(0, 256, (28, 28), np.uint8)


def seen(content: bytes) -> NDArray[np.uint8]:
    (found,) = decode_images([content]).numpy()
    return found


@pytest.mark.parametrize("kind", KINDS, ids=[kind.name for kind in KINDS])
def test_every_kind_of_png_lies_on_white_and_keeps_its_pixels(kind) -> None:
    np.testing.assert_allclose(seen(kind.content), kind.grey, atol=0.5001)


@pytest.mark.parametrize("level", [0, 9])
def test_an_image_of_the_networks_size_stays_bit_for_bit(level: int) -> None:
    assert np.array_equal(seen(encoded(Image.fromarray(GREY), compress_level=level)), GREY)
    assert np.array_equal(seen(encoded(Image.fromarray(GREY).convert("RGB"))), GREY)
    assert np.array_equal(seen(encoded(Image.fromarray(GREY).convert("RGBA"))), GREY)


@pytest.mark.parametrize(
    ("mode", "options"),
    [
        ("L", {}),
        ("RGB", {}),
        ("RGB", {"progressive": True}),
        ("RGB", {"keep_rgb": True}),
        ("CMYK", {}),
    ],
)
def test_every_kind_of_jpeg_is_nearly_what_it_was(mode: str, options: dict[str, bool]) -> None:
    smooth = photo(28, 28).convert("L")
    found = seen(encoded(smooth.convert("RGB").convert(mode), "JPEG", quality=95, **options))
    np.testing.assert_allclose(found, np.asarray(smooth, float), atol=6)


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
@pytest.mark.parametrize("orientation", [0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
def test_turns_upright_as_the_exif_data_say(kind: str, orientation: int) -> None:
    options = {"quality": 100, "subsampling": 0} if kind == "JPEG" else {}
    found = seen(turned(photo(), orientation, kind, **options))
    np.testing.assert_allclose(found, seen(encoded(photo())).astype(float), atol=2)


@pytest.mark.parametrize(
    "tiff", [b"", b"MM\0*", b"MM\0*\xff\xff\xff\xff", b"II*\0\x08\0\0\0\xff\xff"]
)
def test_damaged_exif_data_are_none(tiff: bytes) -> None:
    image = encoded(photo(), "JPEG", exif=b"Exif\0\0" + tiff)
    assert np.array_equal(seen(image), seen(encoded(photo(), "JPEG")))


@pytest.mark.parametrize(("width", "height"), [(84, 28), (28, 84), (300, 100), (5, 3), (1, 2)])
def test_keeps_the_aspect_ratio_on_the_ground_of_the_data(width: int, height: int) -> None:
    found = seen(encoded(Image.new("RGB", (width, height), "white")))
    rows, columns = np.flatnonzero(found.any(1)), np.flatnonzero(found.any(0))
    long = max(width, height)
    assert len(rows) == round(28 * height / long)
    assert len(columns) == round(28 * width / long)
    assert abs((rows[0] + rows[-1]) / 2 - 13.5) <= 0.5
    assert abs((columns[0] + columns[-1]) / 2 - 13.5) <= 0.5
    assert set(np.unique(found)) <= {0, 255}


@pytest.mark.parametrize("size", [(1, 1), (20_000, 1), (1, 20_000), (27, 28), (28, 1)])
def test_the_tiny_and_the_long_and_thin_are_never_lost(size: tuple[int, int]) -> None:
    assert seen(encoded(Image.new("L", size, 255))).sum() >= 28 * 255


def test_colours_of_what_is_not_seen_do_not_bleed() -> None:
    pixels = np.zeros((112, 112, 4), np.uint8)
    pixels[::2, :, 3] = 255  # black and opaque; the other rows are clear, and black too
    clear_is_white = pixels.copy()
    clear_is_white[1::2, :, :3] = 255
    assert np.array_equal(
        seen(encoded(Image.fromarray(pixels))), seen(encoded(Image.fromarray(clear_is_white)))
    )


@given(st.integers(1, 90), st.integers(1, 90))
@settings(max_examples=25, deadline=None)
def test_any_size_fills_the_longer_side(width: int, height: int) -> None:
    found = seen(encoded(Image.new("L", (width, height), 200)))
    assert (found.any(0).sum(), found.any(1).sum())[width < height] == 28
    assert set(np.unique(found)) <= {0, 200}


def test_agrees_with_itself_in_any_company() -> None:
    files = [encoded(photo(w, h)) for w, h in ((9, 30), (28, 28), (64, 20))]
    together = decode_images(files).numpy()
    assert np.array_equal(together, [seen(file) for file in files])
    assert decode_images([]).shape == (0, 28, 28)


BOMB = large(12_000, 12_000)
GOOD = encoded(photo())


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "Image 1 of the request is no PNG or JPEG file; convert it"),
        (b"no image", "is no PNG or JPEG file"),
        (b"GIF89a" + bytes(50), "is no PNG or JPEG file"),
        (GOOD[:16] + b"\xff" * 8 + GOOD[24:], "has more than 64,000,000 pixels"),
        (GOOD[:20], "is no PNG or JPEG file"),
        (BOMB, "Image 1 of the request has more than 64,000,000 pixels; scale it down"),
        (GOOD[:-40], "Invalid PNG data"),
        (encoded(photo(), "JPEG")[:-40], "Invalid JPEG data"),
        (b"\xff\xd8\xff\xe0", "Invalid JPEG data"),
        (png([], 8, 0), "Invalid PNG data"),
        (GOOD[:16] + bytes(8) + GOOD[24:], "is no PNG or JPEG file"),
    ],
)
def test_refuses_what_is_no_picture_or_too_large(content: bytes, said: str) -> None:
    with pytest.raises(tf.errors.InvalidArgumentError, match=said):
        decode_images([GOOD, content])
