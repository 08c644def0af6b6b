"""Files of kinds that few programs write are what their names say, and readers agree on them."""

from __future__ import annotations

import io

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from models.features.image.pictures import pixels_of
from models.features.image.rare_files import rare_files

SIZE = (30, 26)
_random = np.random.default_rng(0)
GREY = np.kron(_random.integers(0, 256, (5, 13), np.uint8), np.ones((6, 2), np.uint8))
COLOUR = np.dstack([GREY, GREY[::-1], GREY[:, ::-1]])
FILES = dict(rare_files(GREY, COLOUR))
_DEPTH, _KIND, _PASSES = 24, 25, 28
"""Places in the header of a PNG file."""


def test_names_are_unique() -> None:
    assert len(FILES) == len([*rare_files(GREY, COLOUR)])


@pytest.mark.medium
@pytest.mark.parametrize("name", [name for name in FILES if "interlaced" in name])
def test_what_comes_in_passes_is_what_comes_at_once(name: str) -> None:
    file = FILES[name]
    assert file[_PASSES] == 1
    plain = FILES.get(name.replace("interlaced, ", ""))
    if plain:
        assert plain[_PASSES] == 0
        assert (file[_DEPTH], file[_KIND]) == (plain[_DEPTH], plain[_KIND])
        assert pixels_of(file, *SIZE, 3) == pixels_of(plain, *SIZE, 3)


@pytest.mark.parametrize("name", [name for name in FILES if "transparent" in name])
def test_something_is_transparent_and_something_is_not(name: str) -> None:
    with Image.open(io.BytesIO(FILES[name])) as picture:
        alpha = np.asarray(picture.convert("RGBA"))[..., 3]
    # Pillow knows no transparency of 16 bits.
    if "16 bit" not in name:
        assert alpha.min() < 255
    assert alpha.max() > 0
    assert b"tRNS" in FILES[name]


@pytest.mark.parametrize("name", [name for name in FILES if name.startswith("JPEG")])
def test_pillow_and_tensorflow_read_the_same_colours(name: str) -> None:
    with Image.open(io.BytesIO(FILES[name])) as picture:
        assert picture.size == SIZE[::-1]
        # Of four inks each makes its own colours.
        if picture.mode == "CMYK":
            return
        wanted = np.asarray(picture.convert("RGB"), int)
    found = tf.io.decode_jpeg(FILES[name], channels=3, dct_method="INTEGER_ACCURATE").numpy()
    assert np.abs(found - wanted).max() <= 2


@pytest.mark.medium
def test_what_inks_are_decides_what_is_seen() -> None:
    as_colours = FILES["JPEG, four inks, as brightness and colours"]
    at = as_colours.index(b"Adobe") + 11
    as_inks = as_colours[:at] + b"\0" + as_colours[at + 1 :]
    assert as_colours[at] == 2
    assert pixels_of(as_inks, *SIZE, 3) != pixels_of(as_colours, *SIZE, 3)


def test_other_markers_and_samplings_are_there() -> None:
    assert b"\xff\xc1" in FILES["JPEG, of the extended kind"]
    for name, sampling in (("half down", b"\1\x12"), ("a quarter across", b"\1\x41")):
        assert b"\x03" + sampling in FILES[f"JPEG of blocks, colours {name}"]
    assert FILES["JPEG of blocks, one colour after another"].count(b"\xff\xda") == 3
