"""What kinds of image files are read here, and what is said of all the others."""

from __future__ import annotations

import contextlib
import io
import re
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from documents.pictures.size import LARGEST_PICTURE, TOO_LARGE

SERVED = ("PNG", "JPEG", "MPO")
"""What models take as it is, in Pillow's names; an MPO file is a JPEG with more behind it."""
CONVERTED = ("GIF", "BMP", "WEBP", "TIFF", "PPM", "AVIF")
"""What is made a PNG, as far as this machine's Pillow reads it; of an animation the first frame."""

_DEEP_GREY = ("I", "I;16", "I;16B", "I;16L", "I;16N")

HEIC = "is a HEIC photo"
_OTHERS = (
    (rb"....ftyp(hei|hev|mif|msf)", HEIC),
    (rb"....ftypavi", "is an AVIF image"),
    (rb"(<\?xml|<!--|<!DOCTYPE svg|<svg)(?=.*<svg)|<svg", "is an SVG drawing"),
    (rb"<(!doctype html|html)", "is an HTML page"),
    (rb"%PDF", "is a PDF document"),
    (rb"\xff\x0a|\0\0\0\x0cJXL ", "is a JPEG XL image"),
    (rb"\0\0\0\x0cjP", "is a JPEG 2000 image"),
    (rb"8BPS", "is a Photoshop document"),
    (rb"PK\x03\x04", "is a ZIP archive"),
)
"""Starts of files that people take for images, white space left out."""
_POINTER = b"version https://git-lfs.github.com/spec/"
_SERVED_STARTS = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")
_LOOKED_AT = 1_024


class PictureError(ValueError):
    """What was given is no picture; the message says what is wrong with it."""


@contextlib.contextmanager
def opened(content: bytes, name: str) -> Iterator[Image.Image]:
    """The image in `content`, of which only the header is read before somebody needs more.

    Raises:
      PictureError: it is none, of another kind, damaged or too large.
    """
    try:
        with _quiet():
            image = Image.open(io.BytesIO(content), formats=_readable())
    except Image.DecompressionBombError as error:
        raise _too_large(name) from error
    except Exception as error:  # Each of Pillow's formats has its own for damaged headers.
        raise PictureError(f"{name} {_what_it_is(content)}.") from error
    with image:
        if image.width * image.height > LARGEST_PICTURE:
            raise _too_large(name)
        try:
            yield image
        except PictureError:
            raise
        except Exception as error:  # As above.
            raise PictureError(f"{name} is a damaged {image.format} image.") from error


def flat(image: Image.Image) -> Image.Image:
    """The first frame upright, laid on white, of 8 bits: in mode L or RGB."""
    with _quiet():
        _scale_clear(image)
        image = _upright(image)
        image.load()
    if image.mode in _DEEP_GREY or image.mode == "F":
        return _of_8_bits(image)
    if image.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in image.info:
        image = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")
    return image.convert("L" if image.mode in ("1", "L") else "RGB")


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Without what Pillow warns of, such as damaged Exif data: it reads the rest."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _upright(image: Image.Image) -> Image.Image:
    if image.format not in SERVED:
        return ImageOps.exif_transpose(image)
    # Only what stands in EXIF data, as the model does it: Pillow asks XMP as well.
    exif = Image.Exif()
    with contextlib.suppress(Exception):  # Damaged data say nothing.
        exif.load(image.info.get("exif", b""))
    turns = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_270,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_90,
    }
    turn = turns.get(exif.get(0x0112, 1))
    if turn is None:
        return image
    turned = image.transpose(turn)
    turned.info = image.info
    return turned


def _scale_clear(image: Image.Image) -> None:
    """Pillow spreads 2 and 4 bits over 8, but not the value that a PNG calls transparent."""
    tiles = getattr(image, "tile", None)
    steps = {"L;2": 85, "L;4": 17}.get(str(tiles[0].args) if tiles else "")
    if steps and isinstance(image.info.get("transparency"), int):
        image.info["transparency"] *= steps


def _of_8_bits(image: Image.Image) -> Image.Image:
    """Grey of 16 bits, which Pillow would cut off at 255; TIFF may have 32 and fractions."""
    values: NDArray[Any] = np.asarray(image)
    grey: NDArray[Any]
    if image.mode == "F" or values.min() < 0 or values.max() > 0xFFFF:
        low, high = float(values.min()), float(values.max())
        grey = (values - low) * (255 / max(high - low, 1e-9))
    else:
        grey = values.astype(np.int64) >> 8
    clear = image.info.get("transparency")
    if isinstance(clear, int):
        grey = np.where(values == clear, 255, grey)
    return Image.fromarray(grey.astype(np.uint8))


def _readable() -> list[str]:
    Image.init()
    return [name for name in (*SERVED, *CONVERTED) if name in Image.OPEN]


def _too_large(name: str) -> PictureError:
    return PictureError(f"{name} {TOO_LARGE}.")


def _what_it_is(content: bytes) -> str:
    if not content:
        return "is empty"
    if content.startswith(_SERVED_STARTS):
        return "is a damaged PNG or JPEG image"
    start = content[:_LOOKED_AT].removeprefix(b"\xef\xbb\xbf").lstrip()
    for pattern, what in _OTHERS:
        if re.match(pattern, start, re.DOTALL | re.IGNORECASE):
            return f"{what}; save it as PNG or JPEG"
    if start.startswith(_POINTER):
        return "is a pointer to a file of Git LFS; have the file itself with: git lfs pull"
    return "is no image that can be read here; save it as PNG or JPEG"
