"""PNG files made of images that TensorFlow does not decode, such as WebP and TIFF. At ingestion.

The header is looked at first: a file of some kilobytes can claim to be far larger than memory.
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import io
import struct
import warnings
from collections.abc import Iterator

from PIL import Image as Pillow
from PIL import ImageOps, UnidentifiedImageError

from models.features.cells import CellError
from models.features.image.kind import LARGEST_PICTURE, TOO_LARGE

DECODED = ("PNG", "JPEG")
"""Formats that are taken as they are."""
CONVERTED = ("WEBP", "TIFF", "BMP", "GIF", "PPM", "AVIF")
"""Formats that become PNG, where Pillow is built with them."""
SUFFIXES = (
    *(".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".webp", ".tif", ".tiff", ".bmp", ".gif"),
    *(".ppm", ".pgm", ".pbm", ".pnm", ".avif"),
)
"""What such files are called."""

_GREY = ("1", "L", "LA", "La", "I", "I;16", "I;16B", "I;16L", "I;16N")
_KEPT = ("1", "L", "LA", "P", "RGB", "RGBA", "I;16")
"""Modes that a PNG file holds."""
_OTHERS = {"RGBa": "RGBA", "La": "LA", "PA": "RGBA", "I;16B": "I;16", "I;16L": "I;16", "I": "I;16"}
_DAMAGED = (OSError, SyntaxError, ValueError, IndexError, TypeError, EOFError, struct.error)
"""What Pillow raises for damaged files of all formats."""


@dataclasses.dataclass(frozen=True)
class Header:
    """What the beginning of a file says."""

    format: str
    """As Pillow calls it, e.g. WEBP."""
    height: int
    width: int
    is_coloured: bool
    """Whether there may be colours."""


def read_header(content: bytes) -> Header:
    """Reads no pixels.

    Raises:
      CellError: it is no image file, damaged, or of more than LARGEST_PICTURE pixels.
    """
    with _opened(content) as image:
        return Header(
            str(image.format), image.height, image.width, is_coloured=image.mode not in _GREY
        )


def as_png(content: bytes) -> bytes:
    """A PNG file with the pixels of a file of CONVERTED, upright, its first image if it has more.

    Raises:
      CellError: as `read_header`; or its pixels are no colours.
    """
    with _opened(content) as image:
        upright = ImageOps.exif_transpose(image)
        mode = upright.mode
        if mode == "F":
            raise CellError("holds fractions instead of colours; convert it to PNG")
        if mode == "P" and "transparency" in upright.info:
            mode = "PA"
        if mode not in _KEPT:
            upright = upright.convert(_OTHERS.get(mode, "RGB"))
        file = io.BytesIO()
        upright.save(file, "PNG", compress_level=1)
        return file.getvalue()


@functools.cache
def _known() -> tuple[str, ...]:
    Pillow.init()
    return tuple(name for name in (*DECODED, *CONVERTED) if name in Pillow.OPEN)


@contextlib.contextmanager
def _opened(content: bytes) -> Iterator[Pillow.Image]:
    if not content:
        raise CellError("is empty")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Pillow.open(io.BytesIO(content), formats=_known()) as image:
                if image.width * image.height > LARGEST_PICTURE:
                    raise CellError(TOO_LARGE)
                yield image
    except CellError:
        raise
    except UnidentifiedImageError as error:
        raise CellError(
            "is no PNG or JPEG file, nor one that is converted (WebP, TIFF, BMP, GIF)"
        ) from error
    except Pillow.DecompressionBombError as error:
        raise CellError(TOO_LARGE) from error
    except _DAMAGED as error:
        raise CellError("is a damaged image file") from error
