"""A picture of Pillow's as a file, in any of its formats."""

from __future__ import annotations

import io
from typing import Any

from PIL import Image

ORIENTATION = 0x0112
"""The Exif tag that says how a camera was held, from 1 to 8."""


def saved(picture: Image.Image, kind: str, **options: Any) -> bytes:
    """The bytes of a file.

    Args:
      picture: of any mode that the format has.
      kind: of the format, as Pillow calls it.
      options: of the format.
    """
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def resized(picture: Image.Image, width: int, height: int) -> Image.Image:
    """The picture in another size, in pixels."""
    return picture.resize((width, height), Image.Resampling.BILINEAR)
