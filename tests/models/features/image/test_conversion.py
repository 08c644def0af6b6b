"""Files that become PNG at ingestion: the same pixels, and a reason where there are none."""

from __future__ import annotations

import io
import struct
import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as Pillow
from PIL import features

from documents.cells.cell import CellError
from models.features.image.conversion import as_png, read_header
from models.features.image.kind import Image

PIXELS = np.random.default_rng(0).integers(0, 256, (20, 24, 3), np.uint8)
PHOTO = Pillow.fromarray(PIXELS)
COLOUR = Image(kind="image", size=(20, 24), channels=3)
GREY = Image(kind="image", size=(20, 24))
ORIENTATION = 0x0112


def encoded(image: Pillow.Image, form: str, **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


def read(image: Image, content: bytes) -> np.ndarray:
    return np.frombuffer(image.value(content), np.uint8).reshape(image.shape)


LOSSLESS = [("WEBP", {"lossless": True, "quality": 0}), ("TIFF", {}), ("BMP", {}), ("PPM", {})]


@pytest.mark.medium
@pytest.mark.parametrize(("form", "options"), LOSSLESS)
def test_every_pixel_stays(form: str, options: dict[str, Any]) -> None:
    assert np.array_equal(read(COLOUR, encoded(PHOTO, form, **options)), PIXELS)
    grey = PHOTO.convert("L")
    if form != "WEBP":  # which knows colours only
        assert np.array_equal(read(GREY, encoded(grey, form, **options)), np.asarray(grey))


@pytest.mark.medium
def test_compressed_and_odd_tiffs() -> None:
    for compression in ("tiff_lzw", "tiff_deflate", "packbits", "group4"):
        picture = PHOTO.convert("1") if compression == "group4" else PHOTO
        wanted = np.asarray(picture.convert("RGB"))
        found = read(COLOUR, encoded(picture, "TIFF", compression=compression))
        assert np.array_equal(found, wanted), compression
    deep = Pillow.fromarray((PIXELS[..., 0].astype(np.uint16) << 8) + 7)
    np.testing.assert_allclose(read(GREY, encoded(deep, "TIFF")), PIXELS[..., 0], atol=1)
    inks = read(COLOUR, encoded(PHOTO.convert("CMYK"), "TIFF"))
    np.testing.assert_allclose(inks.astype(int), PIXELS, atol=2)


@pytest.mark.medium
@pytest.mark.parametrize("form", ["WEBP", "TIFF"])
def test_what_was_held_sideways_is_turned(form: str) -> None:
    exif = Pillow.Exif()
    exif[ORIENTATION] = 6
    lying = PHOTO.transpose(Pillow.Transpose.ROTATE_90)
    options = {"lossless": True} if form == "WEBP" else {}
    assert np.array_equal(read(COLOUR, encoded(lying, form, exif=exif, **options)), PIXELS)


def test_what_is_transparent_lies_on_white() -> None:
    clear = Pillow.new("RGBA", (24, 20), (255, 0, 0, 0))
    assert (read(COLOUR, encoded(clear, "WEBP", lossless=True)) == 255).all()
    gif = encoded(Pillow.new("P", (24, 20), 0), "GIF", transparency=0)
    assert (read(COLOUR, gif) == 255).all()


@pytest.mark.medium
def test_of_moving_images_the_first_counts() -> None:
    first, second = (Pillow.new("L", (24, 20), shade) for shade in (200, 10))
    for form in ("GIF", "TIFF", "WEBP"):
        content = encoded(first, form, save_all=True, append_images=[second])
        np.testing.assert_allclose(read(GREY, content), 200, atol=3)


def test_a_header_tells_size_and_colours() -> None:
    found = read_header(encoded(PHOTO, "WEBP"))
    assert (found.height, found.width, found.is_coloured) == (20, 24, True)
    assert not read_header(encoded(PHOTO.convert("L"), "PNG")).is_coloured


def huge(form: str) -> bytes:
    """A file of some hundred bytes that claims 40,000 x 40,000 pixels."""
    content = bytearray(encoded(Pillow.new("L", (16, 16)), form))
    if form == "BMP":
        content[18:26] = struct.pack("<2i", 40_000, 40_000)
    elif form == "GIF":
        content[6:10] = struct.pack("<2H", 40_000, 40_000)
    else:
        for tag in (256, 257):
            at = content.index(struct.pack("<HHI", tag, 4, 1))
            content[at + 8 : at + 12] = struct.pack("<I", 40_000)
    return bytes(content)


@pytest.mark.parametrize("form", ["BMP", "GIF", "TIFF"])
def test_bombs_are_refused_before_they_are_decoded(form: str) -> None:
    for look in (read_header, as_png, GREY.value):
        with pytest.raises(CellError, match="has more than 64,000,000 pixels; scale it down"):
            look(huge(form))


@pytest.mark.parametrize("form", ["WEBP", "TIFF", "BMP", "GIF"])
def test_files_that_are_cut_short_have_a_reason(form: str) -> None:
    content = encoded(PHOTO, form)
    for length in (0, 1, 9, 40, len(content) // 2):
        with pytest.raises(CellError) as raised:
            GREY.value(content[:length])
        assert len(str(raised.value)) < 100


def test_fractions_become_shades() -> None:
    fractions = Pillow.fromarray(np.linspace(-1, 1, 480, dtype=np.float32).reshape(20, 24))
    found = read(GREY, encoded(fractions, "TIFF")).ravel()
    assert (found[0], found[-1]) == (0, 255)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty"),
        (b"<!DOCTYPE html><html>404", "is an HTML page; save it as PNG or JPEG"),
        (b"%PDF-1.7", "is a PDF document; save it as PNG or JPEG"),
        (b"plain text", "is no image that can be read here; save it as PNG or JPEG"),
    ],
)
def test_what_is_no_image_is_told(content: bytes, reason: str) -> None:
    for look in (read_header, GREY.value):
        with pytest.raises(CellError) as raised:
            look(content)
        assert str(raised.value) == reason


@given(st.sampled_from(["WEBP", "TIFF", "BMP", "GIF"]), st.data())
def test_a_damaged_file_is_an_image_or_refused_shortly(form: str, data: st.DataObject) -> None:
    content = bytearray(encoded(PHOTO, form))
    for _ in range(4):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            found = as_png(bytes(content))
        except CellError as error:
            found = b"\x89PNG" if len(str(error)) < 100 else b""
    assert found.startswith(b"\x89PNG")


def test_pillow_is_built_with_what_the_documents_name() -> None:
    assert features.check("webp")
    assert features.check("libtiff")
