from __future__ import annotations

import gzip
import io
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from serving.pictures import Picture, PictureError, checked, encode, from_file, in_folder, pixels

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
    for name in ("b.PNG", "a.jpg", "notes.txt"):
        (tmp_path / name).write_bytes(b"")
    assert [path.name for path in in_folder(tmp_path)] == ["a.jpg", "b.PNG"]
    (tmp_path / "empty").mkdir()
    with pytest.raises(PictureError, match=r"holds no \.png"):
        list(in_folder(tmp_path / "empty"))


def test_what_is_no_image_says_so(tmp_path):
    with pytest.raises(PictureError, match=r"Cannot read .*none: No such file"):
        from_file(tmp_path / "none")
    path = tmp_path / "photo.png"
    path.write_bytes(b"GIF89a no image")
    with pytest.raises(PictureError, match=r"photo.png is no PNG or JPEG"):
        from_file(path)


@given(st.binary(max_size=200))
def test_garbage_never_passes_for_an_image_and_never_crashes(content):
    with pytest.raises(PictureError):
        checked(content, "it")


def test_pixels_are_grey_and_of_the_asked_size():
    np.testing.assert_array_equal(pixels(Picture("", encode(IMAGES[0])), 28, 28), IMAGES[0])
    assert pixels(Picture("", encode(IMAGES[0])), 14, 7).shape == (14, 7)
