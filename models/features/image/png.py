"""Pixels as a PNG file, which keeps every one of them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from models.features.image.picture_file import saved


def png(pixels: NDArray[np.uint8], **options: Any) -> bytes:
    """The file of an image, uint8 [height, width] or, in colour, [height, width, 3].

    Args:
      options: of Pillow's writer.
    """
    return saved(Image.fromarray(pixels), "PNG", **options)
