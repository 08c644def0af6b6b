"""Pixels as a PNG file, which keeps every one of them."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image


def png(pixels: NDArray[np.uint8], **options: Any) -> bytes:
    """The file of an image, uint8 [height, width] or, in colour, [height, width, 3].

    Args:
      options: of Pillow's writer.
    """
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG", **options)
    return file.getvalue()
