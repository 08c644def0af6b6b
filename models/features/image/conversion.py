"""PNG files made of images that TensorFlow does not decode, such as WebP and TIFF. At ingestion.

Clients make the same of such files before they send them.
"""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterator

import numpy as np
from PIL import Image as Pillow

from documents.cells.cell import CellError
from documents.pictures.formats import HEIC, PictureError, flat, opened
from models.features.image.png import png

SUFFIXES = (
    *(".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".webp", ".tif", ".tiff", ".bmp", ".gif"),
    *(".ppm", ".pgm", ".pbm", ".pnm", ".avif"),
)
"""What image files are called."""

_CONVERTED = " (docs/other_files.md has a command that does)"
"""Behind what is said of many files at once."""
_GREY = ("1", "L", "LA", "La", "I", "I;16", "I;16B", "I;16L", "I;16N", "F")


@dataclasses.dataclass(frozen=True)
class Header:
    """What the beginning of a file says."""

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
        return Header(image.height, image.width, is_coloured=image.mode not in _GREY)


def as_png(content: bytes) -> bytes:
    """A PNG file of 8 bits: upright, on white, the first image where there are more.

    Raises:
      CellError: as `read_header`.
    """
    with _opened(content) as image:
        return png(np.asarray(flat(image)), compress_level=1)


@contextlib.contextmanager
def _opened(content: bytes) -> Iterator[Pillow.Image]:
    try:
        with opened(content, "it") as image:
            yield image
    except PictureError as error:
        problem = str(error).removeprefix("it ").rstrip(".")
        raise CellError(problem, _CONVERTED if HEIC in problem else "") from error
