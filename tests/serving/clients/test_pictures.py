from __future__ import annotations

import contextlib
import gzip
import io
import os
import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from documents.pictures.formats import PictureError
from serving.clients.pictures import Picture, checked, encode, from_file, in_folder
from serving.pages.letterbox import seen
from tests.examples import examples
from tests.picture_files import encoded, large, photo

IMAGES = np.random.default_rng(0).integers(0, 256, (3, 28, 28), np.uint8)
IDX = struct.pack(">4B3I", 0, 0, 8, 3, *IMAGES.shape) + IMAGES.tobytes()


def decoded(picture: Picture) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(picture.content)))


@pytest.mark.parametrize("packed", [False, True])
def test_takes_one_image_of_an_idx_file(tmp_path, packed):
    path = tmp_path / "images-idx3-ubyte"
    path.write_bytes(gzip.compress(IDX) if packed else IDX)
    np.testing.assert_array_equal(decoded(from_file(path, 2)), IMAGES[2])
    with pytest.raises(PictureError, match="holds 3 images; choose one with --index"):
        from_file(path)
    with pytest.raises(PictureError, match=r"--index 3 is not in .*: it holds images 0 to 2"):
        from_file(path, 3)


@pytest.mark.parametrize("packed", [False, True])
def test_a_truncated_idx_file_is_damaged(tmp_path, packed):
    path = tmp_path / "images"
    path.write_bytes(gzip.compress(IDX)[:-300] if packed else IDX[:-1])
    with pytest.raises(PictureError):
        from_file(path, 2)


def test_an_image_file_is_sent_as_it_is(tmp_path):
    path = tmp_path / "shirt.png"
    path.write_bytes(encode(IMAGES[0]))
    assert from_file(path).content == path.read_bytes()


def test_a_folder_gives_its_images_in_order(tmp_path):
    for name in ("b.PNG", "a.jpg", "c.webp", "notes.txt", "._a.jpg"):
        (tmp_path / name).write_bytes(b"")
    assert [path.name for path in in_folder(tmp_path)] == ["a.jpg", "b.PNG", "c.webp"]
    (tmp_path / "empty").mkdir()
    with pytest.raises(PictureError, match=r"holds no \.png"):
        list(in_folder(tmp_path / "empty"))
    (tmp_path / "empty" / "a cat").mkdir()
    with pytest.raises(PictureError, match=r"; name a folder in it, such as '.*/a cat'\.$"):
        list(in_folder(tmp_path / "empty"))


@pytest.mark.parametrize("kind", ["WEBP", "GIF", "TIFF", "BMP"])
def test_other_kinds_are_sent_as_png(tmp_path, kind):
    path = tmp_path / "photo"
    path.write_bytes(encoded(photo(), kind))
    found = from_file(path)
    assert found.content.startswith(b"\x89PNG")
    assert found.file is None
    original = np.asarray(Image.open(path).convert("RGB"))
    np.testing.assert_array_equal(np.asarray(decoded(found)), original)


def test_what_is_made_a_png_is_bounded_and_upright():
    exif = Image.Exif()
    exif[0x0112] = 6
    found = checked(encoded(photo(5_000, 100), "WEBP", exif=exif), "it")
    assert Image.open(io.BytesIO(found)).size == (41, 2_048)


HEIC = b"\0\0\0\x18ftypheic" + bytes(50)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "it is empty."),
        (b"GIF89a no image", "it is no image that can be read here; save it as PNG or JPEG."),
        (b"hello", "it is no image that can be read here; save it as PNG or JPEG."),
        (
            b"version https://git-lfs.github.com/spec/v1",
            "it is a pointer to a file of Git LFS; have",
        ),
        (HEIC, "it is a HEIC photo; save it as PNG or JPEG."),
        (b"\xef\xbb\xbf\n<svg></svg>", "it is an SVG drawing; save it as PNG or JPEG."),
        (b"<?xml version='1.0'?>\n<svg></svg>", "it is an SVG drawing; save it as PNG or JPEG."),
        (b"<!doctype HTML><html>", "it is an HTML page; save it as PNG or JPEG."),
        (b"%PDF-1.4", "it is a PDF document; save it as PNG or JPEG."),
        (encoded(photo())[:20], "it is a damaged PNG or JPEG image."),
        (encoded(photo(), "TIFF")[:-9000], "it is a damaged TIFF image."),
        (large(8_001, 8_000), "it has more than 64,000,000 pixels; scale it down."),
        (large(14_000, 14_000), "it has more than 64,000,000 pixels; scale it"),
        (bytes((32 << 20) + 1), "it is larger than 32 MiB; scale it down."),
    ],
)
def test_what_is_no_picture_says_what_it_is(content, said):
    with pytest.raises(PictureError) as caught:
        checked(content, "it")
    assert str(caught.value).startswith(said)


def test_what_cannot_be_read_says_so(tmp_path):
    with pytest.raises(PictureError, match=r"Cannot read .*none: No such file"):
        from_file(tmp_path / "none")
    os.mkfifo(tmp_path / "fifo")
    with pytest.raises(PictureError, match=r"fifo is a FIFO, not a file\.$"):
        from_file(tmp_path / "fifo")
    with pytest.raises(PictureError, match=r"is a folder, not a file\.$"):
        from_file(tmp_path)


@given(st.binary(max_size=200))
def test_garbage_never_passes_for_an_image_and_never_crashes(content):
    with pytest.raises(PictureError):
        checked(content, "it")


@given(st.data())
@settings(max_examples=examples(1))
def test_a_damaged_image_is_refused_or_read_and_never_crashes(data):
    kind = data.draw(st.sampled_from(["PNG", "JPEG", "WEBP", "GIF", "TIFF", "BMP"]))
    content = bytearray(encoded(photo(20, 14), kind))
    for place in data.draw(st.lists(st.integers(0, len(content) - 1), min_size=1, max_size=4)):
        content[place] ^= data.draw(st.integers(1, 255))
    with contextlib.suppress(PictureError):
        assert seen(checked(bytes(content), "it"), "it", 28, 28).shape == (28, 28)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("kind", ["WEBP", "JPEG", "PNG"])
def test_damaged_exif_data_are_no_matter(kind):
    # A description of 64 KiB that lies behind the end.
    exif = (
        b"Exif\0\0MM\0*\0\0\0\x08\0\2\1\x12\0\3\0\0\0\1\0\6\0\0\1\x0e\0\2\0\0\xff\xff\0\0\xff\xff"
    )
    file = io.BytesIO()
    Image.new("RGB", (8, 6)).save(file, kind, exif=exif)
    content = file.getvalue()
    assert (checked(content, "photo") == content) == (kind != "WEBP")
    assert seen(content, "photo", 8, 8, 3).shape == (8, 8, 3)
