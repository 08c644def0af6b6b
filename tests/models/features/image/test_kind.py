from __future__ import annotations

import struct
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as Pillow

from documents.cells.cell import CellError
from models.features.image.kind import Image
from tests.picture_files import encoded, turned

GREY = Image(kind="image", size=(20, 24))
COLOUR = Image(kind="image", size=(20, 24), channels=3)
KINDS = [GREY, COLOUR]


def pixels(image: Image) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, image.shape, np.uint8)


def read(image: Image, cell: object) -> np.ndarray:
    return np.frombuffer(image.value(cell), np.uint8).reshape(image.shape)


def bomb(width: int, height: int) -> bytes:
    head = struct.pack(">2I5B", width, height, 1, 0, 0, 0, 0)
    return b"".join(
        [
            b"\x89PNG\r\n\x1a\n",
            *(
                struct.pack(">I", len(data))
                + name
                + data
                + struct.pack(">I", zlib.crc32(name + data))
                for name, data in ((b"IHDR", head), (b"IDAT", b""), (b"IEND", b""))
            ),
        ]
    )


@pytest.mark.medium
@pytest.mark.parametrize("image", KINDS, ids=["grey", "colour"])
def test_pixels_and_files_of_the_same_size_are_held_bit_for_bit(image: Image) -> None:
    found = pixels(image)
    assert np.array_equal(read(image, found), found)
    assert np.array_equal(read(image, encoded(Pillow.fromarray(found))), found)
    assert len(image.value(found)) == image.nbytes


@pytest.mark.parametrize("image", KINDS, ids=["grey", "colour"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_photos_are_turned_before_they_are_fitted(image: Image, orientation: int) -> None:
    photo = Pillow.fromarray(pixels(image)).resize((240, 200))
    options = {"quality": 100, "subsampling": 0}
    found = read(image, turned(photo, orientation, "JPEG", **options))
    upright = read(image, encoded(photo, "JPEG", **options))
    assert found.shape == image.shape
    np.testing.assert_allclose(found.astype(int), upright.astype(int), atol=3)


def test_colour_keeps_its_colours_and_its_ground_is_black() -> None:
    red = read(COLOUR, encoded(Pillow.new("RGB", (48, 20), "red")))
    assert (red[5:15] == [255, 0, 0]).all()
    assert not red[:5].any()
    assert not red[15:].any()
    assert (read(COLOUR, encoded(Pillow.new("L", (24, 20), 7))) == 7).all()
    half = Pillow.new("RGBA", (24, 20), (0, 0, 255, 128))
    np.testing.assert_allclose(read(COLOUR, encoded(half))[10, 10], [127, 127, 255], atol=1)


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        (b"", "is empty"),
        (b"<html>", "is an HTML page; save it as PNG or JPEG"),
        (encoded(Pillow.new("L", (30, 30)))[:-30], "is a damaged PNG or JPEG image"),
        (bomb(12_000, 12_000), "has more than 64,000,000 pixels"),
        (np.zeros((24, 20), np.uint8), "has 24 x 20 pixels instead of 20 x 24"),
        (np.zeros((20, 24, 3), np.uint8), "has 20 x 24 x 3 pixels instead of 20 x 24"),
        (np.zeros((20, 24)), "which is no image"),
        ("photo.png", "which is no image"),
    ],
)
def test_what_is_no_image_has_a_reason(cell: object, reason: str) -> None:
    with pytest.raises(CellError) as raised:
        GREY.value(cell)
    assert reason in str(raised.value)


def test_a_jpeg_that_claims_to_be_huge_is_refused_before_it_is_decoded() -> None:
    content = bytearray(encoded(Pillow.new("L", (16, 16)), "JPEG"))
    frame = content.index(b"\xff\xc0")
    content[frame + 5 : frame + 9] = struct.pack(">2H", 65_000, 65_000)
    with pytest.raises(CellError, match="more than 64,000,000 pixels"):
        GREY.value(bytes(content))


@given(st.binary(max_size=100), st.sampled_from([b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"]))
def test_any_bytes_are_an_image_or_refused_shortly(content: bytes, start: bytes) -> None:
    with pytest.raises(CellError) as raised:
        GREY.value(start + content)
    assert len(str(raised.value)) < 100


def test_no_image_is_missing() -> None:
    with pytest.raises(CellError, match="holds no image"):
        GREY.value(None)
