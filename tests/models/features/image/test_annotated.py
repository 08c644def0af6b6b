"""Image files with what stands beside pixels."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from models.features.image.annotated import annotated_files
from models.features.image.pictures import pixels_of

SIZE = (28, 28)
_random = np.random.default_rng(0)
COLOUR = Image.fromarray(_random.integers(0, 256, (*SIZE, 3), np.uint8))
FILES = dict(annotated_files(COLOUR.convert("L"), COLOUR))


@pytest.mark.medium
@pytest.mark.parametrize("name", [name for name in FILES if name.startswith("PNG")])
def test_what_stands_beside_the_pixels_of_a_png_does_not_change_them(name):
    plain = io.BytesIO()
    with Image.open(io.BytesIO(FILES[name])) as found:
        upright = found.convert("RGB")
        if name == "PNG, turned by Exif of lesser bytes first":
            upright = upright.transpose(Image.Transpose.ROTATE_270)
        upright.save(plain, "png")
    assert pixels_of(FILES[name], *SIZE, 3) == pixels_of(plain.getvalue(), *SIZE, 3)


@pytest.mark.medium
@pytest.mark.parametrize("name", [name for name in FILES if name.startswith("JPEG")])
def test_the_function_that_is_served_reads_a_jpeg_as_pillow_does(name):
    with Image.open(io.BytesIO(FILES[name])) as found:
        turn = 1 if "damaged" in name else found.getexif().get(0x0112, 1)
        wanted = np.asarray(found.convert("RGB"), int)
    pixels = np.frombuffer(pixels_of(FILES[name], *SIZE, 3), np.uint8).reshape(*SIZE, 3)
    upright = np.rot90(wanted, {8: 1, 3: 2, 6: 3}.get(turn, 0))
    assert np.abs(upright - pixels).max() <= 8


def test_each_holds_what_it_is_called_after():
    for marker, name in (
        (b"ICC_PROFILE", "JPEG, with a profile of its colours"),
        (b"\xff\xdd", "JPEG, to be taken up in between"),
        (b"\xff\xfe\0\x12made", "JPEG, with a comment"),
        (b"JFXX", "JPEG, with a small picture of JFIF"),
        (b"MPF\0", "JPEG, with a second picture"),
        (b"iCCP", "PNG, with a profile of its colours"),
        (b"fdAT", "PNG, that moves"),
        (b"zTXt", "PNG, with a text that is squeezed"),
    ):
        assert [n for n, file in FILES.items() if marker in file] == [name]
    for start, name in (
        (b"\xff\xd8\xff\xe1", "JPEG, of Exif and not of JFIF"),
        (b"\xff\xd8\xff\xdb", "JPEG, of neither"),
    ):
        assert [n for n, file in FILES.items() if file.startswith(start)] == [name]
    behind = FILES["PNG, turned by Exif behind the pixels"]
    assert behind.index(b"IDAT") < behind.index(b"eXIfII")
    assert b"acTL" in FILES["PNG, that could move"]
    xmp = FILES["JPEG, with XMP before Exif"]
    assert xmp.index(b"ns.adobe.com") < xmp.index(b"Exif\0\0")
    assert FILES["JPEG, with a picture in Exif"].count(b"\xff\xd8\xff") == 2
    assert FILES["PNG, in many pieces"].count(b"IDAT") > 3


def test_they_are_the_same_with_each_training():
    assert dict(annotated_files(COLOUR.convert("L"), COLOUR)) == FILES
